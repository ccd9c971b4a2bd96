using System.Runtime.InteropServices;
using System.Text.Json;
using Levee.Protocol;

namespace Levee.Simulation;

/// <summary>A sequenced message as it is in the log, read without the help of what is tested.</summary>
internal sealed class StoredMessage
{
    public required byte[] Bytes { get; init; }

    public required string? ClientId { get; init; }

    public required string Type { get; init; }

    public required long SequenceNumber { get; init; }

    public required long MinimumSequenceNumber { get; init; }

    public required long ReferenceSequenceNumber { get; init; }

    public required long ClientSequenceNumber { get; init; }

    public required long Timestamp { get; init; }

    public required byte[] Contents { get; init; }

    /// <summary>Whom a join or leave names.</summary>
    public string? Subject { get; private init; }

    /// <summary>The number of the connection that joins, from its user's id.</summary>
    public int SubjectConnection { get; private init; }

    /// <summary>The commit that a summary's acknowledgement names.</summary>
    public string? Handle { get; private init; }

    /// <summary>The summary that an answer is for.</summary>
    public long Answers { get; private init; }

    /// <summary>The process whose session wrote it.</summary>
    public SimulatedProcess? Writer { get; set; }

    /// <summary>The connection that sent it, once the checker has found it.</summary>
    public ConnectionRecord? Connection { get; set; }

    public static StoredMessage Parse(byte[] bytes)
    {
        using var document = JsonDocument.Parse(bytes);
        var root = document.RootElement;
        var type = root.GetProperty("type").GetString()!;
        var contents = root.TryGetProperty("contents", out var value) ? JsonMarshal.GetRawUtf8Value(value).ToArray() : [];
        string? subject = null, handle = null;
        var (connection, answers) = (0, 0L);
        if (root.GetProperty("clientId").ValueKind == JsonValueKind.Null && root.TryGetProperty("data", out var text))
        {
            using var data = JsonDocument.Parse(text.GetString()!);
            switch (type)
            {
                case MessageType.Join:
                    subject = data.RootElement.GetProperty("clientId").GetString();
                    connection = int.Parse(data.RootElement.GetProperty("detail").GetProperty("user").GetProperty("id").GetString()!, null);
                    break;
                case MessageType.Leave:
                    subject = data.RootElement.GetString();
                    break;
                case MessageType.SummaryAck or MessageType.SummaryNack:
                    handle = data.RootElement.TryGetProperty("handle", out var named) ? named.GetString() : null;
                    answers = data.RootElement.GetProperty("summaryProposal").GetProperty("summarySequenceNumber").GetInt64();
                    break;
            }
        }

        return new StoredMessage
        {
            Bytes = bytes,
            ClientId = root.GetProperty("clientId").GetString(),
            Type = type,
            SequenceNumber = root.GetProperty("sequenceNumber").GetInt64(),
            MinimumSequenceNumber = root.GetProperty("minimumSequenceNumber").GetInt64(),
            ReferenceSequenceNumber = root.GetProperty("referenceSequenceNumber").GetInt64(),
            ClientSequenceNumber = root.GetProperty("clientSequenceNumber").GetInt64(),
            Timestamp = root.GetProperty("timestamp").GetInt64(),
            Contents = contents,
            Subject = subject,
            SubjectConnection = connection,
            Handle = handle,
            Answers = answers,
        };
    }
}
