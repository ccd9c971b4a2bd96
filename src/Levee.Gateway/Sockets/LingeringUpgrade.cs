using Microsoft.AspNetCore.Http.Features;

namespace Levee.Gateway.Sockets;

/// <summary>
/// Keeps hold of the upgraded connection. Where the framework's WebSocket refuses bytes by itself (text that is not UTF-8,
/// broken headers) it sends a close frame and lets go at once, and the connection may be reset before the peer has read why.
/// </summary>
internal sealed class LingeringUpgrade(IHttpUpgradeFeature inner) : IHttpUpgradeFeature
{
    // Masked bytes may look like a close frame by chance: only when nothing follows for so long is it taken for one.
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(20);

    private Stream? _connection;

    public bool IsUpgradableRequest => inner.IsUpgradableRequest;

    public async Task<Stream> UpgradeAsync()
    {
        _connection = await inner.UpgradeAsync();
        return new UndisposedStream(_connection);
    }

    /// <summary>
    /// Reads and forgets until the peer has answered the close frame or closed; the socket's close timeout aborts the
    /// connection, which ends this too.
    /// </summary>
    internal async Task DrainAsync()
    {
        var buffer = new byte[1024];
        var read = await ReadAsync(buffer, CancellationToken.None);
        while (read > 0)
        {
            read = EndsWithCloseFrame(buffer.AsSpan(0, read))
                ? await ReadUnlessQuietAsync(buffer)
                : await ReadAsync(buffer, CancellationToken.None);
        }
    }

    private async Task<int> ReadUnlessQuietAsync(byte[] buffer)
    {
        using var quiet = new CancellationTokenSource(Quiet);
        try
        {
            return await ReadAsync(buffer, quiet.Token);
        }
        catch (OperationCanceledException) when (quiet.IsCancellationRequested)
        {
            return 0;
        }
    }

    private async Task<int> ReadAsync(byte[] buffer, CancellationToken cancellationToken) =>
        _connection is null ? 0 : await _connection.ReadAsync(buffer, cancellationToken);

    // A client sends nothing after its close frame, and waits for us to close the connection (RFC 6455, 7.1.1). Where the
    // frames before it begin is not known any more, so the frame is looked for from the end: FIN and opcode 8, then the mask
    // bit and a length of at most 125, then the mask and that many bytes.
    private static bool EndsWithCloseFrame(ReadOnlySpan<byte> bytes)
    {
        for (var length = 0; length <= 125 && bytes.Length >= length + 6; length++)
        {
            var frame = bytes[^(length + 6)..];
            if (frame[0] == 0x88 && frame[1] == (0x80 | length))
            {
                return true;
            }
        }

        return false;
    }

    private sealed class UndisposedStream(Stream inner) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            inner.ReadAsync(buffer, cancellationToken);

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            inner.ReadAsync(buffer, offset, count, cancellationToken);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            inner.WriteAsync(buffer, cancellationToken);

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            inner.WriteAsync(buffer, offset, count, cancellationToken);

        public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

        public override void Flush() => throw new NotSupportedException();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
