using System.Text.Json;
using Levee.Client.Phoenix;
using Levee.Protocol;

namespace Levee.Client;

/// <summary>What the server told when it took a connection.</summary>
/// <param name="ClientId">This client's id, until it reconnects.</param>
/// <param name="Mode">The granted mode.</param>
/// <param name="CheckpointSequenceNumber">The document's SN at that moment.</param>
/// <param name="MaxMessageSize">The largest op that the server takes, in bytes.</param>
/// <param name="SummaryHandle">The document's latest summary; null when it has none.</param>
/// <param name="SummarySequenceNumber">The SN that the summary covers; 0 when there is none.</param>
/// <param name="Json">The whole payload of <c>connect_document_success</c>, with the claims and the clients that were there.</param>
public sealed record LeveeConnectionInfo(
    string ClientId,
    ConnectionMode Mode,
    long CheckpointSequenceNumber,
    int MaxMessageSize,
    string? SummaryHandle,
    long SummarySequenceNumber,
    ReadOnlyMemory<byte> Json)
{
    /// <summary>Who was connected then, this client included.</summary>
    /// <exception cref="LeveeTransportException">There is no such list.</exception>
    internal IReadOnlyList<AudienceMember> ReadClients()
    {
        try
        {
            return [.. JsonReading.ReadList(JsonReading.RequiredMember(Json, "initialClients"u8)).Select(
                client => AudienceNews.TryReadMember(client) ?? throw new MalformedMessageException("A client has no id or no record"))];
        }
        catch (Exception e) when (e is JsonException or MalformedMessageException)
        {
            throw new LeveeTransportException("The server's list of clients could not be read.", e);
        }
    }

    internal static LeveeConnectionInfo Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = PayloadFormat.MaxDepth });
            var root = document.RootElement;
            var hasSummary = root.TryGetProperty("summaryContext", out var summary) && summary.ValueKind == JsonValueKind.Object;
            return new LeveeConnectionInfo(
                root.GetProperty("clientId").GetString() ?? throw new LeveeTransportException("The server gave no client id."),
                root.GetProperty("mode").GetString() == "read" ? ConnectionMode.Read : ConnectionMode.Write,
                root.GetProperty("checkpointSequenceNumber").GetInt64(),
                root.GetProperty("maxMessageSize").GetInt32(),
                hasSummary ? summary.GetProperty("handle").GetString() : null,
                hasSummary ? summary.GetProperty("sequenceNumber").GetInt64() : 0,
                json);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new LeveeTransportException("The server's welcome could not be read.", e);
        }
    }
}
