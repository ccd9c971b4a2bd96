using Microsoft.AspNetCore.Http.Features;

namespace Levee.Gateway.Phoenix;

/// <summary>
/// Keeps hold of the upgraded connection. Where the framework's WebSocket refuses bytes by itself (text that is not UTF-8,
/// broken headers) it sends a close frame and lets go at once, and the connection may be reset before the peer has read why.
/// </summary>
internal sealed class LingeringUpgrade(IHttpUpgradeFeature inner) : IHttpUpgradeFeature
{
    private Stream? _connection;

    public bool IsUpgradableRequest => inner.IsUpgradableRequest;

    public async Task<Stream> UpgradeAsync()
    {
        _connection = await inner.UpgradeAsync();
        return new UndisposedStream(_connection);
    }

    /// <summary>Reads and forgets until the peer closes; the close timeout of the socket aborts the connection, which ends this too.</summary>
    internal async Task DrainAsync()
    {
        var buffer = new byte[1024];
        while (_connection is { } connection && await connection.ReadAsync(buffer, CancellationToken.None) > 0)
        {
        }
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
