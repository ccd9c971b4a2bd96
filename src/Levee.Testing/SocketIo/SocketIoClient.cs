using System.Net.WebSockets;
using System.Text.Json;

namespace Levee.Testing;

/// <summary>
/// A raw client of Socket.IO for tests of the protocol: it sends what it is told to and keeps what comes until a test asks for it. A packet
/// that an expectation has taken is gone; others stay. Safe for any number of threads.
/// </summary>
public sealed class SocketIoClient : IAsyncDisposable
{
    private const int PacketsShown = 20;

    private readonly Inbox<string> _inbox = new(PacketsShown);
    private readonly SemaphoreSlim _sending = new(1);
    private readonly HttpClient _http = new() { Timeout = System.Threading.Timeout.InfiniteTimeSpan };
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Uri _server;
    private readonly string _query;
    private SocketIoWire _wire;
    private int _lastAcknowledgementId = -1;

    private SocketIoClient(Uri server, string query, SocketIoTransport transport)
    {
        _server = server;
        _query = query;
        _wire = transport == SocketIoTransport.WebSocket
            ? new WebSocketWire(new ClientWebSocket(), Keep)
            : new PollingWire(_http, Address("http", "polling", null), Keep);
    }

    /// <summary>How long expectations wait when they are not told otherwise. Default 10 s.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether the server's pings are answered, and not kept. True by default.</summary>
    public bool AnswersPings { get; set; } = true;

    /// <summary>The JSON of the server's first packet.</summary>
    public JsonElement Handshake { get; private set; }

    /// <summary>The session's id, which every request of polling carries.</summary>
    public string Sid => Handshake.GetProperty("sid").GetString()!;

    /// <summary>The id that the server gave with the default namespace; null before.</summary>
    public string? Id { get; private set; }

    /// <summary>The status with which the server closed the WebSocket; null while it has not.</summary>
    public WebSocketCloseStatus? CloseStatus => (_wire as WebSocketWire)?.Socket.CloseStatus;

    /// <summary>The reason that the server gave with <see cref="CloseStatus"/>.</summary>
    public string? CloseReason => (_wire as WebSocketWire)?.Socket.CloseStatusDescription;

    /// <summary>Opens a session on the server's <c>/socket.io/</c>, and connects to the default namespace.</summary>
    /// <param name="server">Such as <c>http://127.0.0.1:7070</c>.</param>
    /// <param name="transport">How.</param>
    /// <param name="query">More of the address's query, such as <c>documentId=a&amp;tenantId=b</c>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<SocketIoClient> ConnectAsync(
        Uri server, SocketIoTransport transport = SocketIoTransport.WebSocket, string query = "", CancellationToken cancellationToken = default)
    {
        var client = await OpenAsync(server, transport, query, cancellationToken);
        await client.ConnectNamespaceAsync(cancellationToken);
        return client;
    }

    /// <summary>Opens a session without connecting to a namespace; parameters as of <see cref="ConnectAsync"/>.</summary>
    public static async Task<SocketIoClient> OpenAsync(
        Uri server, SocketIoTransport transport = SocketIoTransport.WebSocket, string query = "", CancellationToken cancellationToken = default)
    {
        var client = new SocketIoClient(server, query, transport);
        string open;
        if (client._wire is WebSocketWire wire)
        {
            await wire.Socket.ConnectAsync(client.Address("ws", "websocket", null), cancellationToken);
            open = await wire.NextAsync(cancellationToken) ?? "nothing";
        }
        else
        {
            open = await client._http.GetStringAsync(client.Address("http", "polling", null), cancellationToken);
        }

        client.Handshake = open.StartsWith('0')
            ? JsonSerializer.Deserialize<JsonElement>(open[1..])
            : throw new SocketIoExpectationException($"Expected the open packet, but it was {open}");
        if (transport == SocketIoTransport.Polling)
        {
            client._wire = new PollingWire(client._http, client.Address("http", "polling", client.Sid), client.Keep);
        }

        client.Start(client._wire);
        return client;
    }

    /// <summary>Sends <c>40</c> and expects its answer.</summary>
    public async Task ConnectNamespaceAsync(CancellationToken cancellationToken = default)
    {
        await SendAsync("40", cancellationToken);
        var answer = await ExpectPacketAsync("40", cancellationToken: cancellationToken);
        Id = JsonSerializer.Deserialize<JsonElement>(answer[2..]).GetProperty("sid").GetString();
    }

    /// <summary>Sends an Engine.IO packet as it is, such as <c>42["echo",1]</c> or <c>3</c>.</summary>
    /// <exception cref="SocketIoExpectationException">By polling: the server refused it.</exception>
    public async Task SendAsync(string packet, CancellationToken cancellationToken = default)
    {
        await _sending.WaitAsync(cancellationToken);
        try
        {
            await _wire.SendAsync(packet, cancellationToken);
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>Sends an event; the arguments are serialized.</summary>
    public Task EmitAsync(string eventName, params object?[] arguments) => SendAsync($"42{Packet(eventName, arguments)}");

    /// <summary>Sends an event and expects its acknowledgement.</summary>
    /// <returns>The acknowledgement's arguments.</returns>
    public async Task<JsonElement[]> EmitWithAcknowledgementAsync(string eventName, params object?[] arguments)
    {
        var id = Interlocked.Increment(ref _lastAcknowledgementId);
        await SendAsync($"42{id}{Packet(eventName, arguments)}");
        var prefix = $"43{id}";
        var packet = await ExpectAsync(p => p.StartsWith($"{prefix}[", StringComparison.Ordinal), $"the packet {prefix}", null, default);
        return JsonSerializer.Deserialize<JsonElement[]>(packet[prefix.Length..])!;
    }

    /// <summary>Expects an event, and that it is the one wanted if a condition is given.</summary>
    public async Task<SocketIoEvent> ExpectEventAsync(
        string eventName,
        Func<SocketIoEvent, bool>? isWanted = null,
        TimeSpan? timeout = null,
        CancellationToken cancellationToken = default) =>
        SocketIoEvent.TryRead(await ExpectAsync(
            packet => IsEvent(packet, eventName, isWanted), $"the event {eventName}", timeout, cancellationToken))!;

    /// <summary>Expects that no such event comes within the time, and that none is there.</summary>
    public async Task RefuteEventAsync(
        string eventName, TimeSpan within, Func<SocketIoEvent, bool>? isMeant = null, CancellationToken cancellationToken = default)
    {
        if (await FindAsync(packet => IsEvent(packet, eventName, isMeant), within, cancellationToken) is { } packet)
        {
            throw Failure($"Expected no event {eventName}, but there came {packet}.");
        }
    }

    /// <summary>Expects a packet that begins so: any packet for the empty text. Those that are skipped stay.</summary>
    public Task<string> ExpectPacketAsync(string prefix = "", TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        ExpectAsync(
            packet => packet.StartsWith(prefix, StringComparison.Ordinal), $"a packet {prefix}...", timeout, cancellationToken);

    /// <summary>Takes the next packet, whatever it is, as clients do that read all there is.</summary>
    /// <returns>Null when the session has ended and all that came has been taken.</returns>
    public Task<string?> NextAsync(CancellationToken cancellationToken = default) =>
        FindAsync(_ => true, System.Threading.Timeout.InfiniteTimeSpan, cancellationToken);

    /// <summary>Expects that the server ends the session.</summary>
    /// <returns>The WebSocket's status; null when it ended without one, and by polling.</returns>
    public async Task<WebSocketCloseStatus?> ExpectCloseAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        try
        {
            await _ended.Task.WaitAsync(timeout ?? Timeout, cancellationToken);
            return CloseStatus;
        }
        catch (TimeoutException)
        {
            throw Failure("Expected the server to end the session, but it is open.");
        }
    }

    /// <summary>Moves from polling to a WebSocket as clients do: probe, wait for the last poll, upgrade.</summary>
    public async Task UpgradeAsync(CancellationToken cancellationToken = default)
    {
        var next = await ProbeAsync(cancellationToken);
        await _sending.WaitAsync(cancellationToken);
        try
        {
            var polling = (PollingWire)_wire;
            _wire = next;
            await polling.PauseAsync().WaitAsync(Timeout, cancellationToken);
            await next.SendAsync("5", cancellationToken);
            Start(next);
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>Ends the session as a well-behaved client does: disconnects and closes.</summary>
    public async Task CloseAsync(CancellationToken cancellationToken = default)
    {
        await SendAsync("41", cancellationToken);
        if (_wire is WebSocketWire wire)
        {
            await wire.Socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", cancellationToken);
        }
        else
        {
            await SendAsync("1", cancellationToken);
        }

        await ExpectCloseAsync(cancellationToken: cancellationToken);
    }

    /// <summary>Cuts the connection without a word.</summary>
    public void Abort() => _wire.Abort();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Abort();
        await _wire.Ended;
        _http.Dispose();
        (_wire as WebSocketWire)?.Socket.Dispose();
    }

    private static string Packet(string eventName, object?[] arguments) =>
        JsonSerializer.Serialize<object?[]>([eventName, .. arguments]);

    private static bool IsEvent(string packet, string eventName, Func<SocketIoEvent, bool>? isWanted) =>
        SocketIoEvent.TryRead(packet) is { } received && received.Name == eventName && (isWanted is null || isWanted(received));

    private async Task<WebSocketWire> ProbeAsync(CancellationToken cancellationToken)
    {
        var probe = new WebSocketWire(new ClientWebSocket(), Keep);
        await probe.Socket.ConnectAsync(Address("ws", "websocket", Sid), cancellationToken);
        await probe.SendAsync("2probe", cancellationToken);
        var answer = await probe.NextAsync(cancellationToken);
        return answer == "3probe" ? probe : throw Failure($"Expected 3probe, but it was {answer}.");
    }

    private Uri Address(string scheme, string transport, string? sid) => new UriBuilder(_server)
    {
        Scheme = scheme,
        Path = "/socket.io/",
        Query = $"{(_query.Length == 0 ? "" : $"{_query}&")}EIO=4&transport={transport}{(sid is null ? "" : $"&sid={sid}")}",
    }.Uri;

    // A wire that is left for another one does not end the client.
    private void Start(SocketIoWire wire)
    {
        wire.Start();
        _ = wire.Ended.ContinueWith(
            _ => { if (_wire == wire) { _ended.TrySetResult(); } }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    private void Keep(string packet)
    {
        switch (packet)
        {
            case "2" when AnswersPings: _ = AnswerPingAsync(); break;
            case "6": break;
            default: _inbox.Keep(packet); break;
        }
    }

    private async Task AnswerPingAsync()
    {
        try
        {
            await SendAsync("3");
        }
        catch (Exception e) when (e is SocketIoExpectationException or HttpRequestException or WebSocketException or InvalidOperationException)
        {
            // The session has ended meanwhile, which is for the test to expect.
            _inbox.Keep($"(the ping could not be answered: {e.Message})");
        }
    }

    private async Task<string> ExpectAsync(
        Func<string, bool> isWanted, string what, TimeSpan? timeout, CancellationToken cancellationToken) =>
        await FindAsync(isWanted, timeout ?? Timeout, cancellationToken) ?? throw Failure($"Expected {what}, but it did not come.");

    private Task<string?> FindAsync(Func<string, bool> isWanted, TimeSpan timeout, CancellationToken cancellationToken) =>
        _inbox.FindAsync(isWanted, timeout, _ended.Task, cancellationToken);

    private SocketIoExpectationException Failure(string what) => new(
        $"{what}{Environment.NewLine}The last packets received:{Environment.NewLine}  {_inbox.Shown()}{Environment.NewLine}"
        + $"Closed with {CloseStatus?.ToString() ?? "nothing"} \"{CloseReason}\". {_wire.Reason}");
}
