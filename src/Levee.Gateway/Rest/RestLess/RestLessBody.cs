using System.Buffers;
using System.IO.Pipelines;

namespace Levee.Gateway.Rest;

/// <summary>
/// The last field of a RestLess form, decoded while it is read, straight into the reader's buffer: it takes no memory of its own. Read by one
/// reader at a time, only asynchronously. Ends with the form; fails with 400 on a malformed escape, and on a field after it.
/// </summary>
internal sealed class RestLessBody(PipeReader form) : Stream
{
    private bool _isDisposed;

    public override bool CanRead => !_isDisposed;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (buffer.IsEmpty)
        {
            return 0;
        }

        while (true)
        {
            var result = await form.ReadAsync(cancellationToken);
            var (consumed, examined) = (result.Buffer.End, result.Buffer.End);
            try
            {
                var written = Decode(result.Buffer, buffer.Span, result.IsCompleted, out consumed);
                if (written > 0 || result.IsCompleted)
                {
                    // What was not looked at yet comes at once in the next read.
                    examined = consumed;
                    return written;
                }

                // Half an escape waits for its other half.
            }
            finally
            {
                // Also of a malformed form: the server reads on to its end.
                form.AdvanceTo(consumed, examined);
            }
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Bodies are read asynchronously.");

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    protected override void Dispose(bool disposing)
    {
        _isDisposed = true;
        base.Dispose(disposing);
    }

    private static int Decode(in ReadOnlySequence<byte> source, Span<byte> destination, bool isCompleted, out SequencePosition consumed)
    {
        consumed = source.End;
        var reader = new SequenceReader<byte>(source);
        var written = 0;
        Span<byte> escape = stackalloc byte[3];
        while (!reader.End && written < destination.Length)
        {
            FormEncoding.Decode(reader.UnreadSpan, destination[written..], out var read, out var made);
            reader.Advance(read);
            written += made;
            if (reader.End || written == destination.Length)
            {
                break;
            }

            if (reader.IsNext((byte)'&'))
            {
                throw RestLessForm.Malformed("must have its body as the last field");
            }

            if (reader.IsNext((byte)'%'))
            {
                // Malformed, or cut by the end of a segment or of what has come so far.
                if (reader.Remaining < escape.Length && !isCompleted)
                {
                    break;
                }

                if (!reader.TryCopyTo(escape) || !FormEncoding.TryReadEscape(escape, out var value))
                {
                    throw RestLessForm.Malformed("has a body with a % that no two hex digits follow");
                }

                destination[written++] = value;
                reader.Advance(escape.Length);
            }
        }

        consumed = reader.Position;
        return written;
    }
}
