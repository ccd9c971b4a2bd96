using System.Buffers;
using System.Diagnostics;

namespace Levee.Protocol;

/// <summary>Encodes sequenced messages, in order, into one <see cref="DeltaBatch"/>. Used by one thread at a time; reusable after <see cref="Build"/>.</summary>
public sealed class DeltaBatchBuilder
{
    private ArrayBufferWriter<byte> _json = new(4096);
    private readonly List<int> _ends = [];
    private long _first;

    /// <summary>How many messages wait to be built.</summary>
    public int Count => _ends.Count;

    /// <summary>How many bytes of JSON wait to be built.</summary>
    public int Bytes => _json.WrittenCount;

    /// <summary>Encodes <paramref name="message"/>; its SN must follow that of the message before.</summary>
    public void Add(in SequencedDocumentMessage message)
    {
        BeginMessage(message.SequenceNumber);
        SequencedMessageWriter.Write(_json, message);
        _ends.Add(_json.WrittenCount);
    }

    /// <summary>Adds a message that is already encoded, as read from the log.</summary>
    public void AddEncoded(long sequenceNumber, ReadOnlySpan<byte> json)
    {
        BeginMessage(sequenceNumber);
        _json.Write(json);
        _ends.Add(_json.WrittenCount);
    }

    /// <summary>Hands over what was added and starts afresh. The batch owns its bytes.</summary>
    public DeltaBatch Build()
    {
        var batch = new DeltaBatch(_first, _json.WrittenMemory, [.. _ends]);
        // The batch keeps the old buffer; the next one is likely to be about as large.
        _json = new ArrayBufferWriter<byte>(Math.Clamp(batch.Json.Length, 4096, 1 << 20));
        _ends.Clear();
        return batch;
    }

    private void BeginMessage(long sequenceNumber)
    {
        if (_ends.Count == 0)
        {
            _first = sequenceNumber;
            return;
        }

        Debug.Assert(sequenceNumber == _first + _ends.Count, "Messages of a batch are consecutive.");
        _json.Write(","u8);
    }
}
