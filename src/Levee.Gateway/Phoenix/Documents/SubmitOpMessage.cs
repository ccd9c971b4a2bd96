using System.Text.Json;
using Levee.Gateway.Documents;
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
        var batches = new OpBatches(payload, maxOps);
        var reader = new Utf8JsonReader(payload.Span);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new MalformedMessageException("the payload must be an object");
        }

        string? clientId = null;
        var hasBatches = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.IsText("clientId"u8))
            {
                reader.Read();
                clientId = reader.TryGetText() ?? throw new MalformedMessageException("clientId must be a string");
            }
            else if (reader.IsText("messageBatches"u8) || reader.IsText("messages"u8))
            {
                if (hasBatches)
                {
                    throw new MalformedMessageException("messageBatches or messages, once");
                }

                hasBatches = true;
                reader.Read();
                batches.Read(ref reader);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        return clientId is null || !hasBatches
            ? throw new MalformedMessageException("missing clientId or messageBatches")
            : new SubmitOpMessage(clientId, batches.Messages, batches.LargestBytes);
    }
}
