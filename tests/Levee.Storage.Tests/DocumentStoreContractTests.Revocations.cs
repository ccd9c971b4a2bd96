namespace Levee.Storage.Tests;

public abstract partial class DocumentStoreContractTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private IRevocationStore Revocations => (IRevocationStore)Store;

    [Fact]
    public async Task Saves_lists_and_deletes_revocations_as_they_were_given()
    {
        Assert.Empty(await Revocations.ListRevocationsAsync(Some.Token));
        StoredRevocation[] all =
        [
            new("acme", RevocationKind.Token, "jti-1", "r1", Noon.AddMilliseconds(1), Noon.AddHours(1), "stolen \u00e9 \U0001f989"),
            new("acme", RevocationKind.User, "jti-1", "r2", Noon, null, null),
            new("acme", RevocationKind.Tenant, "", "r3", Noon, null, ""),
            new("other", RevocationKind.Token, "jti-1", "r4", Noon, null, null),
            new("other", RevocationKind.User, "a\0b", "r5", Noon, null, null),
        ];
        foreach (var revocation in all)
        {
            await Revocations.SaveRevocationAsync(revocation, Some.Token);
        }

        Assert.Equal(all, await SortedAsync());
        Assert.True(await Revocations.DeleteRevocationAsync("acme", RevocationKind.Token, "jti-1", Some.Token));
        Assert.False(await Revocations.DeleteRevocationAsync("acme", RevocationKind.Token, "jti-1", Some.Token));
        Assert.False(await Revocations.DeleteRevocationAsync("acme", RevocationKind.User, "a", Some.Token));
        Assert.Equal(all[1..], await SortedAsync());
    }

    [Fact]
    public async Task A_revocation_replaces_the_one_of_its_tenant_kind_and_subject()
    {
        await Revocations.SaveRevocationAsync(
            new StoredRevocation("acme", RevocationKind.User, "u1", "r1", Noon, Noon.AddHours(1), "first"), Some.Token);
        var second = new StoredRevocation("acme", RevocationKind.User, "u1", "r1", Noon.AddMinutes(1), null, null);
        await Revocations.SaveRevocationAsync(second, Some.Token);

        Assert.Equal([second], await SortedAsync());
    }

    [Fact]
    public async Task Forgets_the_revocations_that_have_expired_and_no_others()
    {
        await Revocations.SaveRevocationAsync(new StoredRevocation("a", RevocationKind.Token, "x", "r1", Noon, Noon, null), Some.Token);
        await Revocations.SaveRevocationAsync(new StoredRevocation("b", RevocationKind.User, "x", "r2", Noon, Noon, null), Some.Token);
        var later = new StoredRevocation("a", RevocationKind.Token, "y", "r3", Noon, Noon.AddMilliseconds(1), null);
        var forEver = new StoredRevocation("a", RevocationKind.Tenant, "", "r4", Noon, null, null);
        await Revocations.SaveRevocationAsync(later, Some.Token);
        await Revocations.SaveRevocationAsync(forEver, Some.Token);

        await Revocations.DeleteExpiredRevocationsAsync(Noon, Some.Token);

        Assert.Equal([later, forEver], await SortedAsync());
    }

    private async Task<IEnumerable<StoredRevocation>> SortedAsync() =>
        (await Revocations.ListRevocationsAsync(Some.Token)).OrderBy(revocation => revocation.Id, StringComparer.Ordinal);
}
