using System.Buffers;
using System.Text.Json;

namespace Levee.Gateway.Phoenix.Serializers;

/// <summary>
/// The buffer and JSON writer in which a thread builds a frame before it is copied into its one exact array. Used within
/// one synchronous call only; never nested.
/// </summary>
internal sealed class FrameScratch
{
    // A thread that once built a huge frame must not hold that much memory for ever.
    private const int KeptCapacity = 256 * 1024;

    [ThreadStatic]
    private static FrameScratch? t_current;

    private ArrayBufferWriter<byte> _buffer = new(1024);

    private FrameScratch() => Json = new Utf8JsonWriter(_buffer, JsonText.WriterOptions);

    internal IBufferWriter<byte> Buffer => _buffer;

    internal Utf8JsonWriter Json { get; }

    internal static FrameScratch Rent()
    {
        // Taken out while in use, so that a call that ended in an exception leaves nothing half-written behind.
        var scratch = t_current ?? new FrameScratch();
        t_current = null;
        return scratch;
    }

    internal byte[] ToArrayAndReturn()
    {
        Json.Flush();
        var frame = _buffer.WrittenSpan.ToArray();
        if (_buffer.Capacity > KeptCapacity)
        {
            _buffer = new ArrayBufferWriter<byte>(1024);
        }
        else
        {
            _buffer.ResetWrittenCount();
        }

        Json.Reset(_buffer);
        t_current = this;
        return frame;
    }
}
