using System.Buffers;
using System.Diagnostics;

namespace Levee.Protocol;

/// <summary>Encodes sequenced messages, in order, into one <see cref="DeltaBatch"/>. Used by one thread at a time; reusable after <see cref="Build"/>.</summary>
public sealed class DeltaBatchBuilder
{
    // What a burst may leave behind in every live document.
    private const int MostBytesKept = 1 << 20;

    private ArrayBufferWriter<byte> _json = new();
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
        // Batches live on in memory for those who catch up: they get an array of just their size.
        var batch = new DeltaBatch(_first, _json.WrittenSpan.ToArray(), [.. _ends]);
        _ends.Clear();
        _json.ResetWrittenCount();
        if (_json.Capacity > MostBytesKept)
        {
            _json = new ArrayBufferWriter<byte>();
        }

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
