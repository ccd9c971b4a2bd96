using System.Collections.Concurrent;
using Levee.Storage;

namespace Levee.Identity.Tests;

/// <summary>Keeps tenants for the time of a test, and can be told to fail.</summary>
internal sealed class InMemoryTenantStore : ITenantStore
{
    private readonly ConcurrentDictionary<string, StoredTenant> _rows = new();

    public int Saves { get; private set; }

    public bool IsBroken { get; set; }

    public ICollection<StoredTenant> Rows => _rows.Values;

    public ValueTask<IReadOnlyList<StoredTenant>> ListTenantsAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<StoredTenant>>([.. _rows.Values]);

    public ValueTask SaveTenantAsync(StoredTenant tenant, CancellationToken cancellationToken)
    {
        if (IsBroken)
        {
            throw new IOException("The disk is full.");
        }

        Saves++;
        _rows[tenant.Id] = tenant;
        return ValueTask.CompletedTask;
    }

    public ValueTask<bool> DeleteTenantAsync(string tenantId, CancellationToken cancellationToken) => IsBroken
        ? throw new IOException("The disk is full.")
        : ValueTask.FromResult(_rows.TryRemove(tenantId, out _));
}
