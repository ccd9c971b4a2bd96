using Levee.Identity;
using Microsoft.Extensions.Logging;

namespace Levee.Gateway.Documents;

/// <summary>
/// Ends connections with the tokens that opened them, in whichever dialect: at a token's expiry, or when an operator revokes it. One timer
/// serves all of them, set to the end that comes first. Any thread may call it.
/// </summary>
internal sealed partial class TokenWatch : IDisposable
{
    // Timers take 49 days at the most, and tokens may be made for longer.
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private readonly TokenVerifier _tokens;
    private readonly RevocationList _revocations;
    private readonly TimeProvider _time;
    private readonly ILogger<TokenWatch> _logger;
    private readonly Lock _gate = new();
    // Ordered by their ends. A set and not a queue: whoever leaves is forgotten at once, not at its token's end.
    private readonly SortedSet<Watched> _watched = [];
    private readonly ITimer _timer;
    private long _lastNumber;

    /// <summary>A watch over no connection.</summary>
    public TokenWatch(TokenVerifier tokens, RevocationList revocations, TimeProvider time, ILogger<TokenWatch> logger)
    {
        _tokens = tokens;
        _revocations = revocations;
        _time = time;
        _logger = logger;
        _timer = time.CreateTimer(_ => EndWhatIsOver(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        revocations.Revoked += OnRevoked;
    }

    /// <summary>How many connections are watched.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _watched.Count;
            }
        }
    }

    /// <summary>Watches a connection.</summary>
    /// <param name="claims">The verified token that opened it.</param>
    /// <param name="over">
    /// Called once, on a timer's thread, when the token is over, with what the token would be refused with from now on; must not block.
    /// </param>
    /// <returns>Disposed when the connection ends: then nothing is called any more, unless it is being called just now.</returns>
    public IDisposable Watch(TokenClaims claims, Action<TokenFailure> over)
    {
        var watched = new Watched(this, Interlocked.Increment(ref _lastNumber), claims, over) { EndsAt = DateTimeOffset.MaxValue };
        lock (_gate)
        {
            _watched.Add(watched);
        }

        // Looked up once it is there: a revocation that came before is found, one that comes after finds it.
        Reckon(watched);
        return watched;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _revocations.Revoked -= OnRevoked;
        _timer.Dispose();
    }

    private void OnRevoked(Revocation revocation)
    {
        List<Watched> concerned;
        lock (_gate)
        {
            concerned = [.. _watched.Where(watched => watched.Claims.TenantId == revocation.TenantId)];
        }

        concerned.ForEach(Reckon);
    }

    /// <summary>Finds out when a token ends, and sees that the timer knows of it.</summary>
    private void Reckon(Watched watched)
    {
        lock (_gate)
        {
            if (_watched.Remove(watched))
            {
                // Asked within the gate: of two who reckon at once the last must not be the one who asked first.
                watched.EndsAt = _tokens.EndOf(watched.Claims);
                _watched.Add(watched);
                if (_watched.Min == watched)
                {
                    Arm();
                }
            }
        }
    }

    private void EndWhatIsOver()
    {
        foreach (var watched in TakeDue())
        {
            if (_tokens.CheckAgain(watched.Claims) is { } failure)
            {
                End(watched, failure);
            }
            else
            {
                PutBack(watched);
            }
        }
    }

    private List<Watched> TakeDue()
    {
        var due = new List<Watched>();
        lock (_gate)
        {
            var now = _time.GetUtcNow();
            while (_watched.Min is { } first && first.EndsAt <= now)
            {
                _watched.Remove(first);
                due.Add(first);
            }

            // A timer counts whole milliseconds and may be early, and the longest wait may not be enough: then it looks again.
            Arm();
        }

        return due;
    }

    private void End(Watched watched, TokenFailure failure)
    {
        try
        {
            watched.End(failure);
        }
        catch (Exception e)
        {
            // One connection that can not be ended must not keep the others, nor the process, from what is theirs.
            LogFailed(_logger, e);
        }
    }

    /// <summary>It was taken to be over, but its revocation was taken back meanwhile.</summary>
    private void PutBack(Watched watched)
    {
        lock (_gate)
        {
            watched.EndsAt = DateTimeOffset.MaxValue;
            if (!watched.IsForgotten)
            {
                _watched.Add(watched);
            }
        }

        Reckon(watched);
    }

    private void Forget(Watched watched)
    {
        lock (_gate)
        {
            watched.IsForgotten = true;
            _watched.Remove(watched);
        }
    }

    /// <summary>Sets the timer to the first end; with the gate held.</summary>
    private void Arm()
    {
        if (_watched.Min is not { } first)
        {
            return;
        }

        var left = first.EndsAt - _time.GetUtcNow();
        var wait = left <= TimeSpan.Zero ? TimeSpan.Zero
            : left < LongestWait ? TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds))
            : LongestWait;
        _timer.Change(wait, Timeout.InfiniteTimeSpan);
    }

    [LoggerMessage(230, LogLevel.Error, "A connection whose token is over could not be ended")]
    private static partial void LogFailed(ILogger logger, Exception failure);

    /// <summary>A connection; its end is changed only while it is in no set, for the set is ordered by it.</summary>
    private sealed class Watched(TokenWatch watch, long number, TokenClaims claims, Action<TokenFailure> over)
        : IDisposable, IComparable<Watched>
    {
        private Action<TokenFailure>? _over = over;

        public TokenClaims Claims { get; } = claims;

        public DateTimeOffset EndsAt { get; set; }

        public bool IsForgotten { get; set; }

        private long Number { get; } = number;

        public int CompareTo(Watched? other) => other is null ? 1
            : EndsAt != other.EndsAt ? EndsAt.CompareTo(other.EndsAt)
            : Number.CompareTo(other.Number);

        public void End(TokenFailure failure) => Interlocked.Exchange(ref _over, null)?.Invoke(failure);

        public void Dispose()
        {
            _over = null;
            watch.Forget(this);
        }
    }
}
