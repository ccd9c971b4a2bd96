using Levee.Storage;

namespace Levee.Identity;

public sealed partial class TenantDirectory
{
    /// <summary>
    /// Makes a tenant with a generated, readable id and two generated secrets: <see cref="TenantChanged"/>, or refused as
    /// <see cref="TenantRefusal.InvalidName"/>.
    /// </summary>
    /// <param name="name">The name for people; see <see cref="TenantName"/>.</param>
    /// <param name="cancellationToken">Stops waiting; the tenant may exist all the same.</param>
    public Task<TenantOutcome> CreateAsync(string name, CancellationToken cancellationToken) => TenantName.IsValid(name)
        ? ChangeAsync(() => CreateNowAsync(name, cancellationToken), cancellationToken)
        : Task.FromResult(Refused(TenantRefusal.InvalidName, $"A tenant's name must have {TenantName.Form}"));

    /// <summary>
    /// Replaces one of the two secrets; tokens signed with the other go on working. <see cref="TenantChanged"/>, or refused as
    /// <see cref="TenantRefusal.NotFound"/>, <see cref="TenantRefusal.InvalidSlot"/>, <see cref="TenantRefusal.BuiltIn"/> or
    /// <see cref="TenantRefusal.Configured"/> (that very secret is configured).
    /// </summary>
    /// <param name="tenantId">Which tenant.</param>
    /// <param name="slot">1 or 2.</param>
    /// <param name="cancellationToken">Stops waiting; the secret may be replaced all the same.</param>
    public Task<TenantOutcome> RegenerateSecretAsync(string tenantId, int slot, CancellationToken cancellationToken) =>
        ChangeAsync(() => RegenerateNowAsync(tenantId, slot, cancellationToken), cancellationToken);

    /// <summary>
    /// Forgets a tenant: its tokens are refused from now on. <see cref="TenantChanged"/>, or refused as
    /// <see cref="TenantRefusal.NotFound"/>, <see cref="TenantRefusal.BuiltIn"/> or <see cref="TenantRefusal.Configured"/>.
    /// </summary>
    /// <param name="tenantId">Which tenant.</param>
    /// <param name="cancellationToken">Stops waiting; the tenant may be gone all the same.</param>
    public Task<TenantOutcome> DeleteAsync(string tenantId, CancellationToken cancellationToken) =>
        ChangeAsync(() => DeleteNowAsync(tenantId, cancellationToken), cancellationToken);

    private async Task<TenantOutcome> ChangeAsync(Func<Task<TenantOutcome>> change, CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken);
        try
        {
            return await change();
        }
        finally
        {
            _changing.Release();
        }
    }

    private async Task<TenantOutcome> CreateNowAsync(string name, CancellationToken cancellationToken)
    {
        // A row without a tenant (no longer configured) holds its id too: saving over it would lose its secret.
        var id = _ids.Next(candidate => Loaded.ContainsKey(candidate) || _rows.ContainsKey(candidate));
        var tenant = new Tenant(id, name, TenantSecret.Generate(), TenantSecret.Generate());
        var row = new StoredTenant(
            id,
            name,
            _protection.Protect(id, SecretSlot.First, tenant.Secret1),
            _protection.Protect(id, SecretSlot.Second, tenant.Secret2));
        await SaveAsync(row, cancellationToken);
        _tenants = Loaded.Add(id, tenant);
        Log.TenantCreated(_logger, id);
        return new TenantChanged(tenant);
    }

    private async Task<TenantOutcome> RegenerateNowAsync(string tenantId, int slot, CancellationToken cancellationToken)
    {
        if (Find(tenantId) is not { } tenant)
        {
            return NotFound();
        }

        if (slot is not (1 or 2))
        {
            return Refused(TenantRefusal.InvalidSlot, "A tenant has the secrets 1 and 2");
        }

        if (tenant.Origin is TenantOrigin.BuiltIn)
        {
            return BuiltIn();
        }

        if (_configured.TryGetValue(tenantId, out var options) && (slot == 1 || options.Secret2 is not null))
        {
            return Refused(TenantRefusal.Configured, "This secret is configured: change it in the server's configuration");
        }

        var changed = tenant.With((SecretSlot)slot, TenantSecret.Generate());
        await SaveAsync(RowWith((SecretSlot)slot, changed), cancellationToken);
        _tenants = Loaded.SetItem(tenantId, changed);
        Log.SecretRegenerated(_logger, slot, tenantId);
        return new TenantChanged(changed);
    }

    private async Task<TenantOutcome> DeleteNowAsync(string tenantId, CancellationToken cancellationToken)
    {
        if (Find(tenantId) is not { } tenant)
        {
            return NotFound();
        }

        if (tenant.Origin is TenantOrigin.BuiltIn)
        {
            return BuiltIn();
        }

        if (tenant.Origin is TenantOrigin.Configured)
        {
            return Refused(TenantRefusal.Configured, "This tenant is configured: remove it from the server's configuration");
        }

        await _store.DeleteTenantAsync(tenantId, cancellationToken);
        _rows = _rows.Remove(tenantId);
        _tenants = Loaded.Remove(tenantId);
        Log.TenantDeleted(_logger, tenantId);
        return new TenantChanged(tenant);
    }

    private StoredTenant RowWith(SecretSlot slot, Tenant changed) => slot is SecretSlot.First
        ? _rows[changed.Id] with { ProtectedSecret1 = _protection.Protect(changed.Id, slot, changed.Secret1) }
        : _rows[changed.Id] with { ProtectedSecret2 = _protection.Protect(changed.Id, slot, changed.Secret2) };

    private static TenantOutcome NotFound() => Refused(TenantRefusal.NotFound, "There is no such tenant");

    private static TenantOutcome BuiltIn() =>
        Refused(TenantRefusal.BuiltIn, "A built-in Development tenant cannot be changed");

    private static TenantOutcome Refused(TenantRefusal refusal, string message) => new TenantRefused(refusal, message);
}
