namespace Levee.Storage;

/// <summary>The tenants that outlive a restart.</summary>
public interface ITenantStore
{
    /// <summary>All tenants, by id.</summary>
    ValueTask<IReadOnlyList<StoredTenant>> ListTenantsAsync(CancellationToken cancellationToken);

    /// <summary>Adds a tenant or replaces the one with this id.</summary>
    ValueTask SaveTenantAsync(StoredTenant tenant, CancellationToken cancellationToken);

    /// <summary>Removes a tenant; its documents stay. False when there was none.</summary>
    ValueTask<bool> DeleteTenantAsync(string tenantId, CancellationToken cancellationToken);
}
