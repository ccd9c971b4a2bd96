using System.Text;
using System.Text.Json.Nodes;
using Levee.Protocol;

namespace Levee.Client;

/// <summary>How to reach a server, and how to behave towards it.</summary>
public sealed record LeveeClientOptions
{
    /// <summary>Where the server is, such as <c>http://localhost:4000</c>; the socket's address follows from it.</summary>
    public required Uri ServerUrl { get; init; }

    /// <summary>The tenant whose documents these are.</summary>
    public required string TenantId { get; init; }

    /// <summary>A token that serves for everything, when there is no <see cref="TokenProvider"/>.</summary>
    public string? Token { get; init; }

    /// <summary>Gives tokens; goes before <see cref="Token"/>.</summary>
    public TokenProvider? TokenProvider { get; init; }

    /// <summary>How frames are written. Default JSON.</summary>
    public WireFormat Format { get; init; } = WireFormat.Json;

    /// <summary>
    /// What is known of this client beside its token, as others see it (Fluid's <c>IClient</c>); the server fills in user, scopes and mode.
    /// </summary>
    public JsonObject ClientDetails { get; init; } = new()
    {
        ["details"] = new JsonObject { ["capabilities"] = new JsonObject { ["interactive"] = true } },
        ["permission"] = new JsonArray(),
    };

    /// <summary>How long a connection may take, from the socket to the server's welcome; also the limit of a request. Default 15 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>A server that leaves a submission unanswered for so long is taken for gone, and connected to anew. Default 30 s.</summary>
    public TimeSpan ReplyTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long leaving politely may take. Default 2 s.</summary>
    public TimeSpan CloseTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How often the server is told that this client lives; it closes sockets that are silent for 60 s. Default 30 s.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often a client that only reads tells how far it has read, so that it does not hold down the MSN. Default 2 s.</summary>
    public TimeSpan NoOpInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The wait before the first attempt to reconnect; it doubles with each failure, with some chance in it. Default 100 ms.</summary>
    public TimeSpan MinReconnectDelay { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest wait between two attempts to reconnect. Default 10 s. Attempts do not end by themselves.</summary>
    public TimeSpan MaxReconnectDelay { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often one submission may be nacked before it fails; after each nack it is sent again. Default 3.</summary>
    public int MaxNacks { get; init; } = 3;

    /// <summary>How many submissions may be on their way; further ones wait for answers, in the order of the calls. Default 1024.</summary>
    public int MaxPendingSubmissions { get; init; } = 1024;

    /// <summary>
    /// How many received messages are kept for readers. A reader that falls further behind costs no more memory: it reads the server's
    /// history until it has caught up. Default 4096.
    /// </summary>
    public int MaxBufferedMessages { get; init; } = 4096;

    /// <summary>As <see cref="MaxBufferedMessages"/>, in bytes. Default 8 MiB.</summary>
    public long MaxBufferedBytes { get; init; } = 8 << 20;

    /// <summary>How many signals wait for a reader; beyond it the oldest are dropped. Default 256.</summary>
    public int MaxBufferedSignals { get; init; } = 256;

    /// <summary>The clock of timeouts and waits.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    internal ValueTask<string> GetTokenAsync(string documentId, CancellationToken cancellationToken) =>
        TokenProvider is { } provider ? provider(documentId, cancellationToken) : ValueTask.FromResult(Token!);

    internal ReadOnlyMemory<byte> ClientJson(ConnectionMode mode)
    {
        var client = (JsonObject)ClientDetails.DeepClone();
        client["mode"] = ClientDetail.NameOf(mode);
        return Encoding.UTF8.GetBytes(client.ToJsonString());
    }

    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(ServerUrl);
        ArgumentException.ThrowIfNullOrEmpty(TenantId);
        if (!ServerUrl.IsAbsoluteUri || ServerUrl.Scheme is not ("http" or "https"))
        {
            throw new ArgumentException($"{nameof(ServerUrl)} must be an absolute http or https address.");
        }

        if (TenantId.Contains(':'))
        {
            throw new ArgumentException($"{nameof(TenantId)} must not hold a colon.");
        }

        if (Token is null && TokenProvider is null)
        {
            throw new ArgumentException($"Set {nameof(Token)} or {nameof(TokenProvider)}.");
        }

        Positive(ConnectTimeout.Ticks, nameof(ConnectTimeout));
        Positive(ReplyTimeout.Ticks, nameof(ReplyTimeout));
        Positive(CloseTimeout.Ticks, nameof(CloseTimeout));
        Positive(HeartbeatInterval.Ticks, nameof(HeartbeatInterval));
        Positive(NoOpInterval.Ticks, nameof(NoOpInterval));
        Positive(MinReconnectDelay.Ticks, nameof(MinReconnectDelay));
        Positive(MaxReconnectDelay.Ticks, nameof(MaxReconnectDelay));
        Positive(MaxNacks, nameof(MaxNacks));
        Positive(MaxPendingSubmissions, nameof(MaxPendingSubmissions));
        Positive(MaxBufferedMessages, nameof(MaxBufferedMessages));
        Positive(MaxBufferedBytes, nameof(MaxBufferedBytes));
        Positive(MaxBufferedSignals, nameof(MaxBufferedSignals));
    }

    private static void Positive(long value, string name)
    {
        if (value <= 0)
        {
            throw new ArgumentOutOfRangeException(name, $"{name} must be positive.");
        }
    }
}
