using System.Collections.Concurrent;
using Levee.Storage;

namespace Levee.Identity.Tests;

/// <summary>Keeps revocations for the time of a test, and can be told to fail.</summary>
internal sealed class InMemoryRevocationStore : IRevocationStore
{
    private readonly ConcurrentDictionary<(string Tenant, RevocationKind Kind, string Subject), StoredRevocation> _rows = new();

    public bool IsBroken { get; set; }

    public Action? BeforeWrite { get; set; }

    public ICollection<StoredRevocation> Rows => _rows.Values;

    public ValueTask<IReadOnlyList<StoredRevocation>> ListRevocationsAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<StoredRevocation>>([.. _rows.Values]);

    public ValueTask SaveRevocationAsync(StoredRevocation revocation, CancellationToken cancellationToken)
    {
        Work();
        BeforeWrite?.Invoke();
        cancellationToken.ThrowIfCancellationRequested();
        _rows[(revocation.TenantId, revocation.Kind, revocation.Subject)] = revocation;
        return ValueTask.CompletedTask;
    }

    public ValueTask<bool> DeleteRevocationAsync(
        string tenantId, RevocationKind kind, string subject, CancellationToken cancellationToken)
    {
        Work();
        return ValueTask.FromResult(_rows.TryRemove((tenantId, kind, subject), out _));
    }

    public ValueTask DeleteExpiredRevocationsAsync(DateTimeOffset moment, CancellationToken cancellationToken)
    {
        Work();
        foreach (var (key, _) in _rows.Where(row => row.Value.ExpiresAt <= moment))
        {
            _rows.TryRemove(key, out _);
        }

        return ValueTask.CompletedTask;
    }

    private void Work()
    {
        if (IsBroken)
        {
            throw new IOException("The disk is full.");
        }
    }
}
