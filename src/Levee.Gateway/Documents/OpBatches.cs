using System.Text.Json;
using Levee.Protocol;

namespace Levee.Gateway.Documents;

/// <summary>
/// The ops of one submission, in order, read out of its JSON in one pass; their contents stay bytes. Batches come as a list of lists of
/// ops, as a flat list of ops, or mixed.
/// </summary>
/// <param name="payload">The JSON that holds the batches, whose bytes the reader given to <see cref="Read"/> reads.</param>
/// <param name="maxOps">How many ops there may be.</param>
/// <param name="members">Which members of an op pass through.</param>
internal sealed class OpBatches(ReadOnlyMemory<byte> payload, int maxOps, OpMembers members = OpMembers.AllButService)
{
    private readonly DocumentMessageReader _ops = new(payload, members);
    private readonly List<DocumentMessage> _messages = [];

    /// <summary>The ops that were read.</summary>
    public IReadOnlyList<DocumentMessage> Messages => _messages;

    /// <summary>The size of the largest op as it was sent, in bytes.</summary>
    public long LargestBytes { get; private set; }

    /// <summary>Reads the list on whose first token <paramref name="reader"/> stands, and leaves it on the last.</summary>
    /// <exception cref="MalformedMessageException">It is no list of ops or of batches, or there are too many.</exception>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    public void Read(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new MalformedMessageException("messageBatches must be a list");
        }

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
        if (_messages.Count >= maxOps)
        {
            throw new MalformedMessageException($"batch size exceeds maximum {maxOps}");
        }

        var start = reader.TokenStartIndex;
        _messages.Add(_ops.Read(ref reader));
        LargestBytes = Math.Max(LargestBytes, reader.BytesConsumed - start);
    }
}
