using System.Diagnostics.CodeAnalysis;

namespace Levee.Client;

/// <summary>The last messages that were received, consecutive and bounded; the oldest give way. Guarded by its document's lock.</summary>
internal sealed class RecentMessages(int maxMessages, long maxBytes)
{
    private readonly SequencedMessage?[] _messages = new SequencedMessage?[maxMessages];
    private long _first = 1;
    private long _last;
    private long _bytes;

    /// <summary>Adds the message that follows the last one. The newest one is kept however large it is.</summary>
    public void Add(SequencedMessage message)
    {
        if (_last < _first)
        {
            _first = message.SequenceNumber;
        }

        _last = message.SequenceNumber;
        while (_last - _first >= _messages.Length || (_first < _last && _bytes + message.Json.Length > maxBytes))
        {
            ref var oldest = ref _messages[_first % _messages.Length];
            _bytes -= oldest!.Json.Length;
            oldest = null;
            _first++;
        }

        _messages[_last % _messages.Length] = message;
        _bytes += message.Json.Length;
    }

    public bool TryGet(long sequenceNumber, [NotNullWhen(true)] out SequencedMessage? message)
    {
        message = sequenceNumber >= _first && sequenceNumber <= _last ? _messages[sequenceNumber % _messages.Length] : null;
        return message is not null;
    }
}
