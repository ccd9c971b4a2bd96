using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;
using Levee.Client.Phoenix;
using Levee.Protocol;

namespace Levee.Client;

/// <summary>
/// A client's place in one document: it submits ops, reads the sequenced stream and exchanges signals, and reconnects by itself. Made by
/// <see cref="LeveeClient.ConnectAsync"/>. Safe for any number of threads; calls of one thread keep their order.
/// </summary>
public sealed partial class LeveeDocument : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly LeveeClientOptions _options;
    private readonly ServerRequests _requests;
    private readonly ConnectionMode _mode;
    private readonly IFrameCodec _codec;
    private readonly PendingOps _pending;
    private readonly RecentMessages _recent;
    private readonly Channel<LeveeSignal> _signals;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private LeveeDocument(LeveeClientOptions options, ServerRequests requests, string documentId, ConnectionMode mode)
    {
        _options = options;
        _requests = requests;
        _mode = mode;
        DocumentId = documentId;
        _codec = options.Format == WireFormat.Json ? new JsonFrameCodec() : new MessagePackFrameCodec();
        _pending = new PendingOps(options.MaxNacks, options.MaxPendingSubmissions);
        _recent = new RecentMessages(options.MaxBufferedMessages, options.MaxBufferedBytes);
        _signals = Channel.CreateBounded<LeveeSignal>(
            new BoundedChannelOptions(options.MaxBufferedSignals) { FullMode = BoundedChannelFullMode.DropOldest });
    }

    /// <summary>Raised after each change of <see cref="State"/>. A handler that throws ends the document with its exception.</summary>
    public event Action<LeveeConnectionState>? StateChanged;

    /// <summary>
    /// Raised for each refused op. The document then connects anew and submits again by itself, except after
    /// <see cref="NackErrorType.InvalidScope"/>, which ends it. A handler that throws ends the document with its exception.
    /// </summary>
    public event Action<NackContent>? Nacked;

    /// <summary>The document's id.</summary>
    public string DocumentId { get; }

    /// <summary>How it stands with the server.</summary>
    public LeveeConnectionState State { get; private set; } = LeveeConnectionState.Connecting;

    /// <summary>What the server said at the last connection.</summary>
    public LeveeConnectionInfo Connection { get; private set; } = null!;

    /// <summary>Who is connected to the document.</summary>
    public Audience Audience { get; } = new();

    /// <summary>The SN after which <see cref="ReadMessagesAsync"/> starts by itself: the document's when it was first connected to.</summary>
    public long StartSequenceNumber { get; private set; }

    /// <summary>The last SN that was received, in order and without a hole.</summary>
    public long LastSequenceNumber
    {
        get
        {
            lock (_gate)
            {
                return _received;
            }
        }
    }

    /// <summary>Completes when the document is disposed; fails when it ended by itself, with the reason.</summary>
    public Task Completion => _completion.Task;

    /// <summary>Submits one op whose contents are <paramref name="contents"/> as JSON. See <see cref="SubmitBatchAsync"/>.</summary>
    public Task SubmitAsync<T>(T contents, CancellationToken cancellationToken = default) =>
        SubmitBatchAsync([LeveeOp.Of(contents)], cancellationToken);

    /// <summary>
    /// Submits ops that are sequenced one after the other, with nothing between them. Completes when all of them are durable on the
    /// server. When the connection breaks they are sent again unless the stream shows them: each is sequenced exactly once. Their RSN is
    /// the last SN that <see cref="ReadMessagesAsync"/> has handed out or, when nobody reads, the last one received.
    /// </summary>
    /// <param name="ops">The ops.</param>
    /// <param name="cancellationToken">Ends the waiting; ops that are on their way are sequenced all the same.</param>
    /// <exception cref="LeveeRefusedException">
    /// The server does not take an op, however often it is asked; the ops together are too large for one frame (413), for they
    /// are not split; or the document was refused.
    /// </exception>
    /// <exception cref="ArgumentException">There are no ops, or one is larger than the server takes.</exception>
    /// <exception cref="InvalidOperationException">The document was connected to in read mode.</exception>
    /// <exception cref="ObjectDisposedException">The document is, or was meanwhile, disposed.</exception>
    public async Task SubmitBatchAsync(IReadOnlyList<LeveeOp> ops, CancellationToken cancellationToken = default)
    {
        RequireSubmittable(ops);
        cancellationToken.ThrowIfCancellationRequested();
        PendingBatch batch;
        lock (_gate)
        {
            batch = new PendingBatch(ops, ProcessedSequenceNumber);
            if (State == LeveeConnectionState.Closed)
            {
                batch.Completion.TrySetException(ClosedBy());
            }
            else
            {
                _pending.Add(batch);
            }
        }

        _work.Writer.TryWrite(true);
        await batch.Completion.Task.WaitAsync(cancellationToken);
    }

    /// <summary>
    /// The document's sequenced messages, in order, with neither gap nor repeat across reconnections, for as long as the document lives.
    /// Each call has a position of its own. A reader may be slow or stop: no more than
    /// <see cref="LeveeClientOptions.MaxBufferedMessages"/> are kept for it, and what it missed it reads from the server's history.
    /// </summary>
    /// <param name="after">Where to start: the messages after this SN. 0 is the beginning; <see cref="StartSequenceNumber"/> when absent.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="LeveeException">The document ended by itself; the same as that of <see cref="Completion"/>.</exception>
    public async IAsyncEnumerable<SequencedMessage> ReadMessagesAsync(
        long? after = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var position = after ?? StartSequenceNumber;
        ArgumentOutOfRangeException.ThrowIfNegative(position, nameof(after));
        Interlocked.Increment(ref _readers);
        try
        {
            while (await NextMessagesAsync(position, cancellationToken) is { } messages)
            {
                foreach (var message in messages)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    position = RequireNext(message, position);
                    Deliver(message);
                    yield return message;
                }
            }
        }
        finally
        {
            Interlocked.Decrement(ref _readers);
        }
    }

    /// <summary>
    /// Sends a signal to the other clients, or to those that <paramref name="target"/> names. Completes when it is on its way: signals are
    /// neither stored nor repeated, and one that is sent while the connection is down is lost.
    /// </summary>
    /// <returns>False when there was no connection to send it on.</returns>
    public async Task<bool> SendSignalAsync<T>(T content, SignalTarget? target = null, CancellationToken cancellationToken = default)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(content);
        if (_link is not { } link || State != LeveeConnectionState.Connected)
        {
            return false;
        }

        try
        {
            var payload = Payloads.Signal(Connection.ClientId, json, target ?? SignalTarget.Everybody);
            await link.SendAsync("submitSignal", payload, link.NextRef(), cancellationToken);
            return true;
        }
        catch (LeveeTransportException)
        {
            // Told by the result; the document reconnects for its own sake.
            return false;
        }
    }

    /// <summary>
    /// Signals of other clients as they come, from the first connection on; those of the service that tell who comes and goes are the
    /// <see cref="Audience"/>'s. They are shared among readers; when nobody reads, only the last
    /// <see cref="LeveeClientOptions.MaxBufferedSignals"/> are kept.
    /// </summary>
    public IAsyncEnumerable<LeveeSignal> ReadSignalsAsync(CancellationToken cancellationToken = default) =>
        _signals.Reader.ReadAllAsync(cancellationToken);

    /// <summary>Leaves the document. Submissions that are not acknowledged fail; readers end after what was received.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        Close(null);
    }

    internal static async Task<LeveeDocument> ConnectAsync(
        LeveeClientOptions options,
        ServerRequests requests,
        string documentId,
        ConnectionMode mode,
        CancellationToken cancellationToken)
    {
        var document = new LeveeDocument(options, requests, documentId, mode);
        var link = await document.OpenAsync(cancellationToken);
        document._running = document.RunAsync(link);
        return document;
    }

    /// <summary>Sees that a message follows the one before it, and returns its SN.</summary>
    internal static long RequireNext(SequencedMessage message, long before) => message.SequenceNumber == before + 1
        ? message.SequenceNumber
        : throw new LeveeTransportException($"The server's messages have a hole: {message.SequenceNumber} follows {before}.");

    private void RequireSubmittable(IReadOnlyList<LeveeOp> ops)
    {
        ArgumentNullException.ThrowIfNull(ops);
        if (ops.Count == 0)
        {
            throw new ArgumentException("There must be an op.", nameof(ops));
        }

        if (_mode == ConnectionMode.Read)
        {
            throw new InvalidOperationException("The document was connected to in read mode.");
        }

        foreach (var op in ops)
        {
            if (op.Contents.Length > Connection.MaxMessageSize)
            {
                throw new ArgumentException(
                    $"An op of {op.Contents.Length} bytes is larger than the {Connection.MaxMessageSize} that the server takes.", nameof(ops));
            }

            if (_options.Format == WireFormat.MessagePack)
            {
                op.RequireWholeText();
            }
        }
    }
}
