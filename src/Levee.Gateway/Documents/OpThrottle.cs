using System.Threading.RateLimiting;
using Levee.Protocol;

namespace Levee.Gateway.Documents;

/// <summary>
/// How fast one connection may submit ops: a bucket of <see cref="DocumentOptions.OpsBurst"/> tokens that fills with
/// <see cref="DocumentOptions.OpsPerSecond"/>. Used by the connection's receive loop alone.
/// </summary>
internal sealed class OpThrottle : IDisposable
{
    private readonly TokenBucketRateLimiter? _bucket;
    private readonly int _burst;

    /// <summary>A full bucket; none when the settings have no limit.</summary>
    public OpThrottle(DocumentOptions options)
    {
        _burst = options.OpsBurst;
        if (options.OpsPerSecond > 0)
        {
            _bucket = new TokenBucketRateLimiter(new TokenBucketRateLimiterOptions
            {
                TokenLimit = options.OpsBurst,
                TokensPerPeriod = options.OpsPerSecond,
                ReplenishmentPeriod = TimeSpan.FromSeconds(1),
                // Filled when it is asked: a timer for each connection would cost more than the ops.
                AutoReplenishment = false,
            });
        }
    }

    /// <summary>
    /// Takes tokens for all ops of a submission, or none and says what to tell the client. One with more ops than the bucket can ever
    /// hold takes the whole bucket: refused, it would come again and again.
    /// </summary>
    /// <returns>Null when the ops may pass.</returns>
    public NackContent? Refuse(int ops)
    {
        if (_bucket is null)
        {
            return null;
        }

        _bucket.TryReplenish();
        using var lease = _bucket.AttemptAcquire(Math.Min(ops, _burst));
        if (lease.IsAcquired)
        {
            return null;
        }

        var wait = lease.TryGetMetadata(MetadataName.RetryAfter, out var time) ? time : TimeSpan.Zero;
        return NackContent.Throttling("Too many ops: submit them later", Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)));
    }

    /// <inheritdoc/>
    public void Dispose() => _bucket?.Dispose();
}
