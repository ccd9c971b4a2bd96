namespace Levee.Storage;

/// <summary>Keeps revocations of tokens. Not found is an outcome; a broken database is an exception.</summary>
public interface IRevocationStore
{
    /// <summary>Every revocation that is kept, in no particular order.</summary>
    /// <param name="cancellationToken">Stops the reading.</param>
    ValueTask<IReadOnlyList<StoredRevocation>> ListRevocationsAsync(CancellationToken cancellationToken);

    /// <summary>Inserts the revocation, or replaces the one of the same tenant, kind and subject. Complete means durable.</summary>
    /// <param name="revocation">What to keep.</param>
    /// <param name="cancellationToken">Stops waiting; the write may happen all the same.</param>
    ValueTask SaveRevocationAsync(StoredRevocation revocation, CancellationToken cancellationToken);

    /// <summary>Forgets a revocation; <see langword="false"/> when there was none.</summary>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="kind">The kind.</param>
    /// <param name="subject">The subject.</param>
    /// <param name="cancellationToken">Stops waiting; the deletion may happen all the same.</param>
    ValueTask<bool> DeleteRevocationAsync(
        string tenantId, RevocationKind kind, string subject, CancellationToken cancellationToken);

    /// <summary>Forgets every revocation, of any tenant, that has expired by a moment; those without an end stay.</summary>
    /// <param name="moment">The latest <see cref="StoredRevocation.ExpiresAt"/> to forget.</param>
    /// <param name="cancellationToken">Stops waiting; the deletion may happen all the same.</param>
    ValueTask DeleteExpiredRevocationsAsync(DateTimeOffset moment, CancellationToken cancellationToken);
}
