using System.Collections.Concurrent;
using System.Text;
using Levee.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Levee.Identity;

/// <summary>
/// The revocations in force. Asking is three look-ups in a dictionary and may happen on any thread; changes happen one at a time, and
/// are durable before they are in force. Bounded by <see cref="IdentityOptions.MaximumRevocations"/>.
/// </summary>
public sealed partial class RevocationList : IDisposable
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    private readonly IRevocationStore _store;
    private readonly TenantDirectory _tenants;
    private readonly TimeProvider _clock;
    private readonly ILogger<RevocationList> _logger;
    private readonly TimeSpan _skew;
    private readonly int _most;
    private readonly SemaphoreSlim _changing = new(1, 1);
    private volatile ConcurrentDictionary<Key, Revocation>? _revocations;

    /// <summary>An empty list; <see cref="LoadAsync"/> fills it.</summary>
    /// <param name="store">Where revocations are kept.</param>
    /// <param name="tenants">The tenants that exist.</param>
    /// <param name="options">How many there may be, and how long an expired token is still taken.</param>
    /// <param name="clock">What time it is.</param>
    /// <param name="logger">Hears of changes, by tenant and id.</param>
    public RevocationList(
        IRevocationStore store,
        TenantDirectory tenants,
        IOptions<IdentityOptions> options,
        TimeProvider clock,
        ILogger<RevocationList> logger)
    {
        _store = store;
        _tenants = tenants;
        _clock = clock;
        _logger = logger;
        _skew = options.Value.ClockSkew;
        _most = options.Value.MaximumRevocations;
    }

    /// <summary>Raised after each revocation, when it is in force, on the thread of the one who revoked.</summary>
    public event Action<Revocation>? Revoked;

    private ConcurrentDictionary<Key, Revocation> Loaded => _revocations
        ?? throw new InvalidOperationException($"{nameof(LoadAsync)} must complete before tokens are verified.");

    /// <summary>Reads the store, and forgets what has expired. Called once, before the host listens.</summary>
    /// <param name="cancellationToken">Stops the start.</param>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        await _store.DeleteExpiredRevocationsAsync(_clock.GetUtcNow() - _skew, cancellationToken);
        var stored = await _store.ListRevocationsAsync(cancellationToken);
        _revocations = new(stored.Select(row => KeyValuePair.Create(new Key(row.TenantId, row.Kind, row.Subject), Revocation.Of(row))));
        Log.Loaded(_logger, stored.Count);
    }

    /// <summary>The revocation that takes a token back; null when none does.</summary>
    /// <param name="claims">A verified token's claims.</param>
    public Revocation? Find(TokenClaims claims)
    {
        var revocations = Loaded;
        return Find(revocations, new Key(claims.TenantId, RevocationKind.Tenant, ""), claims)
            ?? Find(revocations, new Key(claims.TenantId, RevocationKind.User, claims.User.Id), claims)
            ?? (claims.Jti is { } jti ? Find(revocations, new Key(claims.TenantId, RevocationKind.Token, jti), claims) : null);
    }

    /// <summary>A tenant's revocations, the newest first; also of a tenant that does not exist any more.</summary>
    /// <param name="tenantId">Which tenant.</param>
    public IReadOnlyList<Revocation> Of(string tenantId) =>
    [
        .. Loaded.Values.Where(revocation => revocation.TenantId == tenantId && !IsOver(revocation))
            .OrderByDescending(revocation => revocation.RevokedAt)
            .ThenBy(revocation => revocation.Id, StringComparer.Ordinal),
    ];

    /// <summary>
    /// Revokes tokens: <see cref="TokensRevoked"/>, or <see cref="RevocationRefused"/>. For the same tokens there is one revocation: asked
    /// for again it counts from now, with the end and the note of the last request.
    /// </summary>
    /// <param name="request">Which tokens.</param>
    /// <param name="cancellationToken">Stops waiting for other changes; one that has begun is carried through.</param>
    public async Task<RevocationOutcome> RevokeAsync(RevocationRequest request, CancellationToken cancellationToken)
    {
        if (Check(request) is { } refused)
        {
            return refused;
        }

        await _changing.WaitAsync(cancellationToken);
        try
        {
            return await RevokeNowAsync(request);
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Takes a revocation back: tokens that are not over are good again. False when there is none of that id.</summary>
    /// <param name="id">The revocation's id; anything.</param>
    /// <param name="cancellationToken">Stops waiting for other changes; one that has begun is carried through.</param>
    public async Task<bool> DeleteAsync(string id, CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken);
        try
        {
            if (Loaded.Values.FirstOrDefault(candidate => candidate.Id == id) is not { } revocation)
            {
                return false;
            }

            await _store.DeleteRevocationAsync(revocation.TenantId, revocation.Kind, revocation.Subject, CancellationToken.None);
            Loaded.TryRemove(Key.Of(revocation), out _);
            Log.Deleted(_logger, id, revocation.TenantId);
            return true;
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose() => _changing.Dispose();

    private Revocation? Find(ConcurrentDictionary<Key, Revocation> revocations, Key key, TokenClaims claims) =>
        revocations.TryGetValue(key, out var revocation) && revocation.Concerns(claims) && !IsOver(revocation) ? revocation : null;

    private bool IsOver(Revocation revocation) => revocation.ExpiresAt <= _clock.GetUtcNow() - _skew;

    private RevocationRefused? Check(RevocationRequest request)
    {
        if (_tenants.Find(request.TenantId) is null)
        {
            return new RevocationRefused(RevocationRefusal.UnknownTenant, "There is no such tenant");
        }

        if (request is { Jti: not null, UserId: not null })
        {
            return new RevocationRefused(RevocationRefusal.InvalidSubject, "Name a jti or a userId, not both");
        }

        if ((request.Jti ?? request.UserId) is { } subject && !IsText(subject, Revocation.MaximumSubjectLength))
        {
            return new RevocationRefused(
                RevocationRefusal.InvalidSubject,
                $"A jti or userId must have 1 to {Revocation.MaximumSubjectLength} characters; revoke the tenant's tokens if it has more");
        }

        if (request.Reason is { Length: > 0 } reason && !IsText(reason, Revocation.MaximumReasonLength))
        {
            return new RevocationRefused(
                RevocationRefusal.InvalidSubject, $"A reason must have at most {Revocation.MaximumReasonLength} characters");
        }

        return request.ExpiresAt <= _clock.GetUtcNow() - _skew
            ? new RevocationRefused(RevocationRefusal.AlreadyExpired, "expiresAt is over: a token that has expired need not be revoked")
            : null;
    }

    private async Task<RevocationOutcome> RevokeNowAsync(RevocationRequest request)
    {
        await ForgetExpiredAsync();
        var kind = request.Jti is not null ? RevocationKind.Token : request.UserId is not null ? RevocationKind.User : RevocationKind.Tenant;
        var key = new Key(request.TenantId, kind, request.Jti ?? request.UserId ?? "");
        var earlier = Loaded.GetValueOrDefault(key);
        if (earlier is null && Loaded.Count >= _most)
        {
            return new RevocationRefused(
                RevocationRefusal.TooMany,
                $"{_most} revocations are kept ({IdentityOptions.Section}:{nameof(IdentityOptions.MaximumRevocations)}):"
                + " delete some, or revoke a user's or the tenant's tokens instead of many");
        }

        var now = DateTimeOffset.FromUnixTimeMilliseconds(_clock.GetUtcNow().ToUnixTimeMilliseconds());
        var revocation = new Revocation
        {
            Id = earlier?.Id ?? Guid.NewGuid().ToString("N"),
            TenantId = key.TenantId,
            Kind = kind,
            Subject = key.Subject,
            // A clock that was set back must not let tokens pass that were refused before.
            RevokedAt = earlier?.RevokedAt > now ? earlier.RevokedAt : now,
            ExpiresAt = request.ExpiresAt,
            Reason = request.Reason is "" ? null : request.Reason,
        };
        // Who asked may be gone: what the store keeps must be in force here, too.
        await _store.SaveRevocationAsync(revocation.ToStored(), CancellationToken.None);
        Loaded[key] = revocation;
        Log.Revoked(_logger, revocation.Id, kind, key.TenantId);
        Revoked?.Invoke(revocation);
        return new TokensRevoked(revocation, IsNew: earlier is null);
    }

    private async Task ForgetExpiredAsync()
    {
        var over = Loaded.Where(entry => IsOver(entry.Value)).Select(entry => entry.Key).ToList();
        if (over.Count == 0)
        {
            return;
        }

        await _store.DeleteExpiredRevocationsAsync(_clock.GetUtcNow() - _skew, CancellationToken.None);
        over.ForEach(key => Loaded.TryRemove(key, out _));
    }

    /// <summary>Half of a surrogate pair has no UTF-8, and stands in no token that is taken.</summary>
    private static bool IsText(string text, int most)
    {
        try
        {
            return text.Length >= 1 && text.Length <= most && Strict.GetByteCount(text) > 0;
        }
        catch (EncoderFallbackException)
        {
            return false;
        }
    }

    private readonly record struct Key(string TenantId, RevocationKind Kind, string Subject)
    {
        public static Key Of(Revocation revocation) => new(revocation.TenantId, revocation.Kind, revocation.Subject);
    }

    private static partial class Log
    {
        [LoggerMessage(20, LogLevel.Information, "Revocations loaded: {Count}")]
        public static partial void Loaded(ILogger logger, int count);

        [LoggerMessage(21, LogLevel.Information, "Revocation {Id} ({Kind}) of tenant {TenantId} is in force")]
        public static partial void Revoked(ILogger logger, string id, RevocationKind kind, string tenantId);

        [LoggerMessage(22, LogLevel.Information, "Revocation {Id} of tenant {TenantId} was taken back")]
        public static partial void Deleted(ILogger logger, string id, string tenantId);
    }
}
