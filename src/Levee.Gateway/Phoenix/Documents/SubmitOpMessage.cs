using System.Text.Json;
using Levee.Protocol;

namespace Levee.Gateway.Phoenix.Documents;

/// <summary>The payload of <c>submitOp</c>: <c>{clientId, messageBatches: [[op, ...], ...]}</c>; a flat <c>messageBatches</c> and <c>messages</c> are taken too.</summary>
/// <param name="ClientId">The client that submits.</param>
/// <param name="Messages">The ops of all batches, in order.</param>
/// <param name="LargestBytes">The size of the largest op.</param>
internal sealed record SubmitOpMessage(string ClientId, IReadOnlyList<DocumentMessage> Messages, long LargestBytes)
{
    /// <summary>Reads the payload in one pass; ops' contents stay bytes. Reading stops beyond <paramref name="maxOps"/> ops.</summary>
    /// <exception cref="MalformedMessageException">The payload has another shape; nothing of it was taken.</exception>
    public static SubmitOpMessage Read(ReadOnlyMemory<byte> payload, int maxOps)
    {
        var parser = new Parser(payload, maxOps);
        var reader = new Utf8JsonReader(payload.Span);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new MalformedMessageException("the payload must be an object");
        }

        string? clientId = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.IsText("clientId"u8))
            {
                reader.Read();
                clientId = reader.TryGetText() ?? throw new MalformedMessageException("clientId must be a string");
            }
            else if (reader.IsText("messageBatches"u8) || reader.IsText("messages"u8))
            {
                reader.Read();
                parser.ReadBatches(ref reader);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        return clientId is null || !parser.HasBatches
            ? throw new MalformedMessageException("missing clientId or messageBatches")
            : new SubmitOpMessage(clientId, parser.Messages, parser.LargestBytes);
    }

    private sealed class Parser(ReadOnlyMemory<byte> payload, int maxOps)
    {
        private readonly DocumentMessageReader _ops = new(payload);

        public List<DocumentMessage> Messages { get; } = [];

        public long LargestBytes { get; private set; }

        public bool HasBatches { get; private set; }

        public void ReadBatches(ref Utf8JsonReader reader)
        {
            if (HasBatches)
            {
                throw new MalformedMessageException("messageBatches or messages, once");
            }

            HasBatches = true;
            Expect(reader, JsonTokenType.StartArray, "messageBatches must be a list");
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (reader.TokenType == JsonTokenType.StartArray)
                {
                    ReadBatch(ref reader);
                }
                else
                {
                    ReadOp(ref reader);
                }
            }
        }

        private void ReadBatch(ref Utf8JsonReader reader)
        {
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                ReadOp(ref reader);
            }
        }

        private void ReadOp(ref Utf8JsonReader reader)
        {
            if (Messages.Count >= maxOps)
            {
                throw new MalformedMessageException($"batch size exceeds maximum {maxOps}");
            }

            var start = reader.TokenStartIndex;
            Messages.Add(_ops.Read(ref reader));
            LargestBytes = Math.Max(LargestBytes, reader.BytesConsumed - start);
        }

        private static void Expect(in Utf8JsonReader reader, JsonTokenType type, string message)
        {
            if (reader.TokenType != type)
            {
                throw new MalformedMessageException(message);
            }
        }
    }
}
