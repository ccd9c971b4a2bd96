using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Levee.Gateway.Tests.SocketIo;

/// <summary>
/// Holds answers: before they go out, as if the client did not read, or when they are out, as if the server's thread were slow to hear of it. What
/// happens by chance under load happens so every time.
/// </summary>
public sealed class HeldAnswers
{
    private TaskCompletionSource? _before;
    private TaskCompletionSource? _after;
    private int _held;
    private int _aborted;

    /// <summary>How often something has been held.</summary>
    public int Held => _held;

    /// <summary>How many requests the server knows to be given up.</summary>
    public int Aborted => _aborted;

    /// <summary>From now on nothing goes out.</summary>
    public void HoldBefore() => _before = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>From now on answers go out, but the server does not hear of their last bytes.</summary>
    public void HoldAfter() => _after = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Lets what is held go on, and what comes pass.</summary>
    public void Release()
    {
        Interlocked.Exchange(ref _before, null)?.SetResult();
        Interlocked.Exchange(ref _after, null)?.SetResult();
    }

    internal async Task HoldAsync(HttpContext http, RequestDelegate next)
    {
        // Not disposed: the request may end by the same event before its turn has come.
        http.RequestAborted.UnsafeRegister(static held => Interlocked.Increment(ref ((HeldAnswers)held!)._aborted), this);
        if (!http.WebSockets.IsWebSocketRequest)
        {
            http.Features.Set<IHttpResponseBodyFeature>(new Body(http, http.Features.GetRequiredFeature<IHttpResponseBodyFeature>(), this));
        }

        await next(http);
    }

    private async ValueTask<FlushResult> FlushAsync(PipeWriter writer, bool isWhole, CancellationToken cancellationToken)
    {
        if (_before is { } before)
        {
            Interlocked.Increment(ref _held);
            await before.Task.WaitAsync(cancellationToken);
        }

        var after = isWhole ? _after : null;
        var result = await writer.FlushAsync(cancellationToken);
        if (after is not null)
        {
            Interlocked.Increment(ref _held);
            await after.Task.WaitAsync(cancellationToken);
        }

        return result;
    }

    private sealed class Body(HttpContext http, IHttpResponseBodyFeature body, HeldAnswers held) : IHttpResponseBodyFeature
    {
        public Stream Stream => body.Stream;

        public PipeWriter Writer { get; } = new HeldWriter(http, body.Writer, held);

        public void DisableBuffering() => body.DisableBuffering();

        public Task StartAsync(CancellationToken cancellationToken) => body.StartAsync(cancellationToken);

        public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken) =>
            body.SendFileAsync(path, offset, count, cancellationToken);

        public Task CompleteAsync() => body.CompleteAsync();
    }

    private sealed class HeldWriter(HttpContext http, PipeWriter writer, HeldAnswers held) : PipeWriter
    {
        private long _written;

        public override bool CanGetUnflushedBytes => writer.CanGetUnflushedBytes;

        public override long UnflushedBytes => writer.UnflushedBytes;

        public override void Advance(int bytes)
        {
            _written += bytes;
            writer.Advance(bytes);
        }

        public override Memory<byte> GetMemory(int sizeHint = 0) => writer.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => writer.GetSpan(sizeHint);

        public override void CancelPendingFlush() => writer.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => writer.Complete(exception);

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) =>
            held.FlushAsync(writer, _written == http.Response.ContentLength, cancellationToken);
    }
}
