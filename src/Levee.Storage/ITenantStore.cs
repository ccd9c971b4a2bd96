namespace Levee.Storage;

/// <summary>Keeps tenants. Not found is an outcome; a broken database is an exception.</summary>
public interface ITenantStore
{
    /// <summary>Every tenant that is kept, in no particular order.</summary>
    /// <param name="cancellationToken">Stops the reading.</param>
    ValueTask<IReadOnlyList<StoredTenant>> ListTenantsAsync(CancellationToken cancellationToken);

    /// <summary>Inserts the tenant, or replaces the one of the same id. Complete means durable.</summary>
    /// <param name="tenant">What to keep.</param>
    /// <param name="cancellationToken">Stops waiting; the write may happen all the same.</param>
    ValueTask SaveTenantAsync(StoredTenant tenant, CancellationToken cancellationToken);

    /// <summary>Forgets a tenant; <see langword="false"/> when there was none of that id.</summary>
    /// <param name="tenantId">The tenant's id.</param>
    /// <param name="cancellationToken">Stops waiting; the deletion may happen all the same.</param>
    ValueTask<bool> DeleteTenantAsync(string tenantId, CancellationToken cancellationToken);
}
