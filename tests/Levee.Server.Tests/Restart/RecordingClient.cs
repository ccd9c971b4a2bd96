using System.Collections.Concurrent;
using System.Net.WebSockets;
using Levee.Testing;

namespace Levee.Server.Tests.Restart;

/// <summary>
/// A client that writes as fast as it is answered, and keeps a record of its own over all its connections: every message that it
/// saw, byte for byte, and everything that was acknowledged. It sees for itself that the numbers it receives have no gap and no repeat.
/// </summary>
internal sealed class RecordingClient(string documentId, string name) : IAsyncDisposable
{
    private const int Window = 8;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Lock _gate = new();
    private readonly List<string> _seen = [];
    private readonly List<string[]> _submitted = [];
    private readonly List<string> _acknowledged = [];
    private readonly List<string> _refusals = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Connection? _connection;
    private int _lastContents;

    public string DocumentId => documentId;

    public string ClientId => _connection?.ClientId ?? throw new InvalidOperationException("Not connected.");

    /// <summary>How the server closed the last connection that has ended; null when it did not say goodbye.</summary>
    public WebSocketCloseStatus? CloseStatus { get; private set; }

    /// <summary>The raw messages seen; the one with sequence number n is at n - 1.</summary>
    public IReadOnlyList<string> Seen => Locked<IReadOnlyList<string>>(() => [.. _seen]);

    public int LastSeen => Locked(() => _seen.Count);

    /// <summary>The contents of each submission that was sent, whatever became of it.</summary>
    public IReadOnlyList<string[]> Submitted => Locked<IReadOnlyList<string[]>>(() => [.. _submitted]);

    /// <summary>The contents of what was acknowledged.</summary>
    public IReadOnlyList<string> Acknowledged => Locked<IReadOnlyList<string>>(() => [.. _acknowledged]);

    /// <summary>Replies that were errors, and nacks. There should be none.</summary>
    public IReadOnlyList<string> Refusals => Locked<IReadOnlyList<string>>(() => [.. _refusals]);

    private string Topic => $"document:{TestTenants.Default.Id}:{documentId}";

    /// <summary>Connects, and goes on reading after the last message seen.</summary>
    public async Task ConnectAsync(Uri server, CancellationToken cancellationToken)
    {
        var channel = await ChannelClient.ConnectAsync(server, cancellationToken: cancellationToken);
        try
        {
            channel.Timeout = Patience;
            var connected = await channel.ConnectDocumentAsync(
                TestTenants.Default.Id, documentId, TestTokens.ReadWrite(documentId), lastSeenSequenceNumber: LastSeen, cancellationToken: cancellationToken);
            _connection = new Connection(
                channel, connected.GetProperty("clientId").GetString()!, connected.GetProperty("checkpointSequenceNumber").GetInt64());
        }
        catch
        {
            await channel.DisposeAsync();
            throw;
        }

        _connection.Reading = ReadOpsAsync(_connection);
        _connection.Acknowledging = ReadRepliesAsync(_connection);
    }

    /// <summary>Submits ops, some alone and some in threes, until the connection breaks or <paramref name="submissions"/> are acknowledged.</summary>
    public async Task WriteAsync(int submissions, CancellationToken cancellationToken)
    {
        var connection = _connection ?? throw new InvalidOperationException("Not connected.");
        try
        {
            // An op that refers to a number below the minimum would be refused, and rightly.
            if (!await TrySeeAsync(connection, connection.Start, cancellationToken))
            {
                return;
            }

            for (var i = 0; i < submissions; i++)
            {
                await connection.Room.WaitAsync(connection.Broken.Token);
                await SubmitAsync(connection, i % 4 == 3 ? 3 : 1, cancellationToken);
            }

            // All room is back when everything has been answered.
            for (var i = 0; i < Window; i++)
            {
                await connection.Room.WaitAsync(connection.Broken.Token);
            }

            connection.Room.Release(Window);
        }
        catch (Exception e) when (IsBroken(e) && !cancellationToken.IsCancellationRequested)
        {
            // The server is gone; what is on record was on record before.
        }
    }

    /// <summary>Waits until a message has been seen.</summary>
    public async Task SeesAsync(long sequenceNumber, CancellationToken cancellationToken)
    {
        var connection = _connection ?? throw new InvalidOperationException("Not connected.");
        Assert.True(
            await TrySeeAsync(connection, sequenceNumber, cancellationToken),
            $"{name} lost its connection at {LastSeen} of {sequenceNumber}");
    }

    /// <summary>Takes what has arrived and lets go of a connection that has ended.</summary>
    public async Task EndAsync()
    {
        if (_connection is { } connection)
        {
            await Task.WhenAll(connection.Reading, connection.Acknowledging).WaitAsync(Patience);
            CloseStatus = connection.Channel.CloseStatus;
            await connection.Channel.DisposeAsync();
            _connection = null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is { } connection)
        {
            connection.Channel.Abort();
            await connection.Channel.DisposeAsync();
            await Task.WhenAll(connection.Reading, connection.Acknowledging);
        }
    }

    private static bool IsBroken(Exception e) =>
        e is WebSocketException or ChannelExpectationException or OperationCanceledException or ObjectDisposedException or HttpRequestException
            or IOException or InvalidOperationException;

    private async Task<bool> TrySeeAsync(Connection connection, long sequenceNumber, CancellationToken cancellationToken)
    {
        while (true)
        {
            var (seen, changed) = Locked(() => (_seen.Count, _changed.Task));
            if (seen >= sequenceNumber)
            {
                return true;
            }

            if (connection.Reading.IsCompleted)
            {
                await connection.Reading;
                return LastSeen >= sequenceNumber;
            }

            await Task.WhenAny(changed, connection.Reading).WaitAsync(Patience, cancellationToken);
        }
    }

    private async Task SubmitAsync(Connection connection, int count, CancellationToken cancellationToken)
    {
        var contents = new string[count];
        var ops = new object[count];
        var seen = LastSeen;
        for (var i = 0; i < count; i++)
        {
            contents[i] = $"{name} {++_lastContents}: «ü😀»";
            ops[i] = new
            {
                type = "op",
                contents = contents[i],
                clientSequenceNumber = ++connection.ClientSequenceNumber,
                referenceSequenceNumber = seen,
            };
        }

        Locked(() => _submitted.Add(contents));
        var reference = await connection.Channel.PushAsync(
            Topic, "submitOp", new { clientId = connection.ClientId, messageBatches = new[] { ops } }, cancellationToken);
        connection.Answer(reference).Contents.SetResult(contents);
    }

    private async Task ReadOpsAsync(Connection connection)
    {
        try
        {
            while (true)
            {
                var frame = await connection.Channel.ExpectPushAsync("op");
                Locked(() => Add(frame));
            }
        }
        catch (ChannelExpectationException)
        {
            // The connection has ended and all that came has been taken.
            await connection.Broken.CancelAsync();
        }
    }

    private void Add(ChannelFrame frame)
    {
        foreach (var message in frame.Payload.GetProperty("op").EnumerateArray())
        {
            var number = message.GetProperty("sequenceNumber").GetInt64();
            Assert.True(number == _seen.Count + 1, $"{name} saw {number} after {_seen.Count}");
            _seen.Add(message.GetRawText());
        }

        _changed.TrySetResult();
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private async Task ReadRepliesAsync(Connection connection)
    {
        try
        {
            while (true)
            {
                var frame = await connection.Channel.ExpectPushAsync("phx_reply");
                if (frame.Status == "ok")
                {
                    var contents = await connection.Answer(frame.Ref!).Contents.Task.WaitAsync(Patience);
                    Locked(() => _acknowledged.AddRange(contents));
                }
                else
                {
                    Locked(() => _refusals.Add(frame.ToString()));
                }

                connection.Room.Release();
            }
        }
        catch (ChannelExpectationException)
        {
            await connection.Broken.CancelAsync();
        }
    }

    private T Locked<T>(Func<T> read)
    {
        lock (_gate)
        {
            return read();
        }
    }

    private void Locked(Action change)
    {
        lock (_gate)
        {
            change();
        }
    }

    private sealed class Connection(ChannelClient channel, string clientId, long start)
    {
        private readonly ConcurrentDictionary<string, PendingAnswer> _answers = new();

        public ChannelClient Channel => channel;

        public string ClientId => clientId;

        /// <summary>Where the document stood when the client came.</summary>
        public long Start => start;

        public SemaphoreSlim Room { get; } = new(Window);

        public CancellationTokenSource Broken { get; } = new();

        public int ClientSequenceNumber { get; set; }

        public Task Reading { get; set; } = Task.CompletedTask;

        public Task Acknowledging { get; set; } = Task.CompletedTask;

        /// <summary>Where a push and its reply meet; either may come first.</summary>
        public PendingAnswer Answer(string reference) => _answers.GetOrAdd(reference, _ => new PendingAnswer());
    }

    private sealed class PendingAnswer
    {
        public TaskCompletionSource<string[]> Contents { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
