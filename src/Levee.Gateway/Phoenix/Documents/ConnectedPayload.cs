using Levee.Identity;
using Levee.Protocol;
using Levee.Sessions;

namespace Levee.Gateway.Phoenix.Documents;

/// <summary>The payload of <c>connect_document_success</c>.</summary>
internal static class ConnectedPayload
{
    // What the original Levee says of itself, in this order of preference.
    private static readonly string[] SupportedVersions = ["^0.1.0", "^1.0.0"];

    // The size in which stock clients were told to cut blobs; nobody does any more.
    private const int BlockSize = 65536;

    public static byte[] Write(
        ConnectedDocument document, ConnectDocumentMessage request, TokenClaims claims, int maxMessageBytes) => JsonWriting.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteRaw("claims", claims.Json);
        writer.WriteString("clientId", document.ClientId);
        writer.WriteBoolean("existing", true);
        writer.WriteNumber("maxMessageSize", maxMessageBytes);
        writer.WriteString("mode", ClientDetail.NameOf(request.Mode));
        writer.WriteStartObject("serviceConfiguration");
        writer.WriteNumber("blockSize", BlockSize);
        writer.WriteNumber("maxMessageSize", maxMessageBytes);
        writer.WriteEndObject();
        writer.WriteStartArray("initialClients");
        foreach (var member in document.Clients)
        {
            writer.WriteStartObject();
            writer.WriteString("clientId", member.ClientId);
            writer.WriteRaw("client", member.Detail.Json);
            writer.WriteString("mode", ClientDetail.NameOf(member.Detail.Mode));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        // Messages come as op events, in one stream that has no hole.
        writer.WriteStartArray("initialMessages");
        writer.WriteEndArray();
        writer.WriteStartArray("initialSignals");
        writer.WriteEndArray();
        writer.WriteStartArray("supportedVersions");
        Array.ForEach(SupportedVersions, writer.WriteStringValue);
        writer.WriteEndArray();
        writer.WriteStartObject("supportedFeatures");
        writer.WriteBoolean("submit_signals_v2", true);
        writer.WriteEndObject();
        writer.WriteString("version", request.Versions.FirstOrDefault(SupportedVersions.Contains) ?? SupportedVersions[0]);
        writer.WriteNumber("checkpointSequenceNumber", document.CheckpointSequenceNumber);
        if (document.Summary is { } summary)
        {
            writer.WriteStartObject("summaryContext");
            writer.WriteString("handle", summary.Handle);
            writer.WriteNumber("sequenceNumber", summary.SequenceNumber);
            writer.WriteEndObject();
        }

        if (!request.Nonce.IsEmpty)
        {
            writer.WriteRaw("nonce", request.Nonce);
        }

        writer.WriteEndObject();
    });
}
