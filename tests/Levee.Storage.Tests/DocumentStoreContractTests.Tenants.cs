namespace Levee.Storage.Tests;

public abstract partial class DocumentStoreContractTests
{
    private ITenantStore Tenants => (ITenantStore)Store;

    [Fact]
    public async Task Saves_replaces_lists_and_deletes_tenants()
    {
        Assert.Empty(await Tenants.ListTenantsAsync(Some.Token));
        await Tenants.SaveTenantAsync(new StoredTenant("b", "Bee", new byte[] { 1 }, new byte[] { 2 }), Some.Token);
        await Tenants.SaveTenantAsync(new StoredTenant("a", "", ReadOnlyMemory<byte>.Empty, new byte[] { 0 }), Some.Token);
        await Tenants.SaveTenantAsync(new StoredTenant("b", "Beta", new byte[] { 3 }, new byte[] { 4 }), Some.Token);

        var tenants = await Tenants.ListTenantsAsync(Some.Token);

        Assert.Equal([("a", ""), ("b", "Beta")], tenants.Select(tenant => (tenant.Id, tenant.Name)));
        Assert.Equal([3], tenants[1].ProtectedSecret1.ToArray());
        Assert.Equal([4], tenants[1].ProtectedSecret2.ToArray());
        Assert.Empty(tenants[0].ProtectedSecret1.ToArray());
        Assert.True(await Tenants.DeleteTenantAsync("b", Some.Token));
        Assert.False(await Tenants.DeleteTenantAsync("b", Some.Token));
        Assert.Equal("a", Assert.Single(await Tenants.ListTenantsAsync(Some.Token)).Id);
    }

    [Fact]
    public async Task Deleting_a_tenant_leaves_its_documents()
    {
        await Tenants.SaveTenantAsync(new StoredTenant("acme", "Acme", new byte[] { 1 }, new byte[] { 2 }), Some.Token);
        await Store.CreateDocumentAsync(Some.Document(), Some.Token);

        await Tenants.DeleteTenantAsync("acme", Some.Token);

        Assert.NotNull(await Store.FindDocumentAsync(Some.Key, Some.Token));
    }
}
