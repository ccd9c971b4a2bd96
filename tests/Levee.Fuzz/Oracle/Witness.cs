using System.Globalization;
using System.Text.Json;
using Levee.Fuzz.Wire;

namespace Levee.Fuzz.Oracle;

/// <summary>
/// A well-behaved client that works on a document while others attack it. It keeps every message it gets, and says what is wrong with them: a
/// hole, a repeat, an op of its own that is lost, changed or out of order, an end that nobody asked for.
/// </summary>
internal abstract class Witness(RawWebSocket socket, string document) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly List<(long Number, string Json)> _seen = [];
    private readonly Queue<string> _own = [];
    private TaskCompletionSource _changed = New();
    private Task _receiving = Task.CompletedTask;
    private string? _failure;
    private long _lastClientSequenceNumber;
    private bool _isLeaving;

    /// <summary>Its client id, once it is connected.</summary>
    internal string ClientId { get; private protected set; } = "";

    /// <summary>What is wrong; null while nothing is.</summary>
    internal string? Failure
    {
        get
        {
            lock (_gate)
            {
                return _failure;
            }
        }
    }

    /// <summary>The number of the last message that it got; zero before the first.</summary>
    internal long LastNumber
    {
        get
        {
            lock (_gate)
            {
                return _seen.Count == 0 ? 0 : _seen[^1].Number;
            }
        }
    }

    private protected RawWebSocket Socket => socket;

    private protected string Document => document;

    /// <summary>The messages, as they came.</summary>
    internal IReadOnlyList<(long Number, string Json)> Seen()
    {
        lock (_gate)
        {
            return [.. _seen];
        }
    }

    /// <summary>Writes an op and waits until it comes back.</summary>
    internal async Task WriteAsync()
    {
        string contents;
        long number;
        long reference;
        lock (_gate)
        {
            number = ++_lastClientSequenceNumber;
            reference = _seen.Count == 0 ? -1 : _seen[^1].Number;
            contents = $"{Planted.Content} {number}";
            _own.Enqueue(contents);
        }

        await SubmitAsync(JsonSerializer.Serialize(new
        {
            type = "op",
            contents,
            clientSequenceNumber = number,
            referenceSequenceNumber = reference,
        }));
        await WaitAsync(() => _own.Count == 0);
    }

    /// <summary>Waits until it has a message.</summary>
    internal Task WaitForAsync(long number) => WaitAsync(() => _seen.Count > 0 && _seen[^1].Number >= number);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _isLeaving = true;
        socket.Dispose();
        await _receiving;
    }

    /// <summary>Sends an op.</summary>
    private protected abstract Task SubmitAsync(string op);

    /// <summary>Handles a message of the server.</summary>
    private protected abstract Task HandleAsync(byte[] message);

    private protected void Start() => _receiving = ReceiveAsync();

    private protected Task SendAsync(string text) => socket.SendRawAsync(RawWebSocket.Frame(RawWebSocket.Text, System.Text.Encoding.UTF8.GetBytes(text)));

    private protected void Connected(string clientId)
    {
        lock (_gate)
        {
            ClientId = clientId;
            Signal();
        }
    }

    private protected Task UntilConnectedAsync() => WaitAsync(() => ClientId.Length > 0);

    private protected void Fail(string what)
    {
        lock (_gate)
        {
            _failure ??= $"the witness {GetType().Name} of {document}: {what}";
            Signal();
        }
    }

    private protected void Keep(JsonElement messages)
    {
        lock (_gate)
        {
            foreach (var message in messages.EnumerateArray())
            {
                KeepOne(message);
            }

            Signal();
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void KeepOne(JsonElement message)
    {
        var number = message.GetProperty("sequenceNumber").GetInt64();
        if (_seen.Count > 0 && number != _seen[^1].Number + 1)
        {
            Fail(string.Create(CultureInfo.InvariantCulture, $"{number} came after {_seen[^1].Number}"));
        }

        _seen.Add((number, message.GetRawText()));
        if (message.GetProperty("clientId").GetString() == ClientId
            && message.GetProperty("type").GetString() == "op"
            && (!_own.TryDequeue(out var expected) || message.GetProperty("contents").GetString() != expected))
        {
            Fail($"an op of its own is {message.GetRawText()}, but {expected} was next");
        }
    }

    // Under the gate.
    private void Signal()
    {
        _changed.TrySetResult();
        _changed = New();
    }

    private async Task WaitAsync(Func<bool> isDone)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (isDone() || _failure is not null)
                {
                    return;
                }

                changed = _changed.Task;
            }

            await changed.WaitAsync(TimeSpan.FromSeconds(60));
        }
    }

    private async Task ReceiveAsync()
    {
        try
        {
            while (await socket.ReceiveAsync() is { } message && message.Opcode != RawWebSocket.Close)
            {
                await HandleAsync(message.Payload);
            }

            if (!_isLeaving)
            {
                Fail("its socket was closed");
            }
        }
        catch (Exception e) when (_isLeaving && e is IOException or System.Net.Sockets.SocketException or ObjectDisposedException)
        {
            // It closed the socket itself.
        }
        catch (Exception e)
        {
            Fail(e.Message);
        }
    }
}
