using System.Buffers;
using System.Text.Json;

namespace Levee.Gateway.Phoenix.Serializers;

/// <summary>
/// How many elements each array and object of a JSON text has, in the order in which they open: MessagePack says a count
/// before the elements, JSON never does. One walk over the text; the numbers live in a pooled array.
/// </summary>
internal struct ContainerCounts : IDisposable
{
    private int[]? _counts;
    private int _length;

    internal readonly int this[int container] => _counts![container];

    internal void Count(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = JsonText.OutgoingMaxDepth });
        Span<int> open = stackalloc int[JsonText.OutgoingMaxDepth];
        while (reader.Read())
        {
            // An element of an object is counted at its value, so names are passed over.
            if (reader.CurrentDepth > 0
                && reader.TokenType is not (JsonTokenType.PropertyName or JsonTokenType.EndArray or JsonTokenType.EndObject))
            {
                _counts![open[reader.CurrentDepth - 1]]++;
            }

            if (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject)
            {
                open[reader.CurrentDepth] = Add();
            }
        }
    }

    public void Dispose()
    {
        if (_counts is { } counts)
        {
            _counts = null;
            ArrayPool<int>.Shared.Return(counts);
        }
    }

    private int Add()
    {
        if (_counts is null)
        {
            _counts = ArrayPool<int>.Shared.Rent(64);
        }
        else if (_length == _counts.Length)
        {
            var larger = ArrayPool<int>.Shared.Rent(_length * 2);
            _counts.CopyTo(larger, 0);
            ArrayPool<int>.Shared.Return(_counts);
            _counts = larger;
        }

        _counts[_length] = 0;
        return _length++;
    }
}
