using System.Globalization;
using CsCheck;
using Levee.Protocol;
using Levee.Storage.Tests.Sqlite;
using Levee.Testing.Storage;

namespace Levee.Storage.Tests;

/// <summary>Random histories give the same answers from SQLite, closed and opened in between, as from the plain store in memory.</summary>
public sealed class DocumentStoreModelTests
{
    private static readonly DocumentKey[] Keys = [new("acme", "a"), new("acme", "b"), new("globex", "a")];

    private static readonly string[] Texts = ["", "x", "yy", new('z', 3000)];

    private static readonly Gen<Step> Steps =
        Gen.Select(Gen.Enum<Action>(), Gen.Int[0, 2], Gen.Int[-1, 6], Gen.Int[0, 3], (action, key, number, text) => new Step(action, key, number, text));

    private enum Action
    {
        Create,
        Append,
        AppendAgain,
        AppendElsewhere,
        AppendWithHead,
        AppendWithCheckpoint,
        Read,
        WriteCheckpoint,
        PutObject,
        UpdateRef,
        Look,
        SaveTenant,
        DeleteTenant,
        Reopen,
    }

    [Fact]
    public Task Any_history_gives_the_same_answers() =>
        Steps.List[1, 60].SampleAsync(async steps =>
        {
            using var database = new TemporaryDatabase();
            await using var model = new MemoryDocumentStore();
            IDocumentStore store = database.Open();
            try
            {
                foreach (var step in steps)
                {
                    if (step.Action == Action.Reopen)
                    {
                        await store.DisposeAsync();
                        store = database.Open();
                        continue;
                    }

                    var last = (await model.FindDocumentAsync(Keys[step.Key], Some.Token))?.LastSequenceNumber ?? 0;
                    Assert.Equal(await RunAsync(model, step, last), await RunAsync(store, step, last));
                }

                foreach (var key in Keys)
                {
                    Assert.Equal(await LookAsync(model, key), await LookAsync(store, key));
                }
            }
            finally
            {
                await store.DisposeAsync();
            }
        }, iter: 300);

    private static async Task<string> RunAsync(IDocumentStore store, Step step, long last)
    {
        var key = Keys[step.Key];
        var text = Texts[step.Text];
        var append = Some.Append(last + 1, Math.Max(0, step.Number), key, text);
        return step.Action switch
        {
            Action.Create => Say(await store.CreateDocumentAsync(
                Some.Document(key, Math.Max(0, step.Number)) with
                {
                    Objects = [Some.Blob(text)],
                    Head = step.Number < 3 ? null : Some.Id(text),
                },
                Some.Token)),
            Action.Append or Action.AppendAgain => Say(await store.AppendAsync(append, Some.Token)),
            Action.AppendElsewhere => Say(await store.AppendAsync(Some.Append(last + step.Number, 2, key, text), Some.Token)),
            Action.AppendWithHead => Say(await store.AppendAsync(
                append with { Head = new HeadUpdate(step.Number < 2 ? null : Some.Id(text), Some.Id(Texts[step.Number & 3])) }, Some.Token)),
            Action.AppendWithCheckpoint => Say(await store.AppendAsync(
                append with { Checkpoint = Some.Checkpoint(append.Deltas.LastSequenceNumber - step.Text, text) }, Some.Token)),
            Action.Read => Say(await store.ReadDeltasAsync(
                key, last - 4 + step.Number, last - step.Text, 1 + step.Text, 500 * step.Text, Some.Token)),
            Action.WriteCheckpoint => Say(await store.WriteCheckpointAsync(key, Some.Checkpoint(last - 2 + step.Number, text), Some.Token)),
            Action.PutObject => await PutAsync(store, key, text),
            Action.UpdateRef => Say(await store.UpdateRefAsync(
                key.TenantId,
                step.Number < 4 ? GitRef.OfDocument(key.DocumentId) : "refs/other",
                step.Number % 2 == 0 ? null : Some.Id(text),
                Some.Id(Texts[step.Number & 3]),
                Some.Token)),
            Action.SaveTenant => await SaveAsync((ITenantStore)store, key, text),
            Action.DeleteTenant => Say(await ((ITenantStore)store).DeleteTenantAsync(key.TenantId, Some.Token)),
            _ => await LookAsync(store, key),
        };
    }

    private static async Task<string> PutAsync(IDocumentStore store, DocumentKey key, string text)
    {
        await store.PutObjectsAsync(key.TenantId, [Some.Blob(text), Some.Blob(text + text)], Some.Token);
        return "put";
    }

    private static async Task<string> SaveAsync(ITenantStore store, DocumentKey key, string text)
    {
        await store.SaveTenantAsync(new StoredTenant(key.TenantId, text, Some.Blob(text).Content, new byte[] { 1 }), Some.Token);
        return "saved";
    }

    private static async Task<string> LookAsync(IDocumentStore store, DocumentKey key)
    {
        var seen = new List<string?>
        {
            (await store.FindDocumentAsync(key, Some.Token))?.ToString(),
            Say(await store.ReadAllAsync(key)),
            await store.ReadCheckpointAsync(key, Some.Token) is { } checkpoint ? checkpoint.SequenceNumber + Some.Text(checkpoint.State) : null,
            string.Join(' ', (await store.ListRefsAsync(key.TenantId, key.DocumentId, 1000, Some.Token))!),
            string.Join(' ', await store.ListRefsAsync(key.TenantId, "", 1, Some.Token) ?? []),
            (await store.FindRefAsync(key.TenantId, GitRef.OfDocument(key.DocumentId), Some.Token))?.ToString(),
            string.Join(' ', (await ((ITenantStore)store).ListTenantsAsync(Some.Token))
                .Select(tenant => tenant.Id + tenant.Name + Some.Text(tenant.ProtectedSecret1))),
        };
        foreach (var text in Texts)
        {
            var found = await store.FindObjectAsync(key.TenantId, Some.Id(text), Some.Token);
            seen.Add(found is null ? null : found.Kind + Some.Text(found.Content));
        }

        return string.Join('\n', seen);
    }

    private static string Say(object value) => Convert.ToString(value, CultureInfo.InvariantCulture)!;

    private static string Say(DeltaBatch batch) => $"{batch.FirstSequenceNumber}+{batch.Count}: {Some.Text(batch)}";

    private sealed record Step(Action Action, int Key, int Number, int Text);
}
