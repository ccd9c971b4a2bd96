using Levee.Protocol;
using Levee.Protocol.Git;
using static Levee.Sessions.Tests.Summarizing;

namespace Levee.Sessions.Tests;

/// <summary>A summary that nobody could load whole is not made the head: every loader would be refused from then on.</summary>
public sealed class SummaryLimitsTests
{
    private const string TooLarge = "A summary must not have more than 100000 entries, 16777216 characters of paths, or 64 levels";

    [Fact]
    public async Task One_large_tree_named_many_times_over_counts_each_time()
    {
        await using var document = await StartAsync(hasInitialSummary: true);
        var head = (await document.HeadAsync())!.ToString();
        var blob = await document.StoreBlobAsync("x");
        var large = await document.StoreTreeAsync(
            "", [.. Enumerable.Range(0, 19_998).Select(i => new GitTreeEntry(GitFileMode.File, $"{i}", blob))]);
        GitTreeEntry[] Times(int times) => [.. Enumerable.Range(0, times).Select(i => large with { Name = $"t{i}" })];

        var many = (await document.StoreTreeAsync("", Times(6))).Id.ToString();
        Assert.Equal(TooLarge, await document.RefusedAsync(Summarize(1, many, head)));
        // With what the service adds, these 99,995 are too many by a few.
        var almost = (await document.StoreTreeAsync("", Times(5))).Id.ToString();
        Assert.Equal(TooLarge, await document.RefusedAsync(Summarize(2, almost, head)));
        await document.AcknowledgedAsync(Summarize(3, (await document.StoreTreeAsync("", Times(4))).Id.ToString(), head));
        var loaded = await new SummarySnapshots(document.Host.Documents).ReadLatestAsync(SessionHost.Key, TestContext.Current.CancellationToken);
        Assert.Equal(4 * 19_998, loaded!.Entries.Count(entry => entry is { IsTree: false } && entry.Path.StartsWith(".app/t", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Trees_that_multiply_level_by_level_are_counted_without_being_walked_one_by_one()
    {
        await using var document = await StartAsync(hasInitialSummary: true);
        var head = (await document.HeadAsync())!.ToString();
        var tree = await document.StoreTreeAsync("");
        for (var level = 0; level < 60; level++)
        {
            tree = await document.StoreTreeAsync("", [.. Enumerable.Range(0, 100).Select(i => tree with { Name = $"{i}" })]);
        }

        Assert.Equal(TooLarge, await document.RefusedAsync(Summarize(1, tree.Id.ToString(), head)));
    }

    [Fact]
    public async Task Long_names_count_for_every_path_that_repeats_them()
    {
        await using var document = await StartAsync(hasInitialSummary: true);
        var head = (await document.HeadAsync())!.ToString();
        var deep = await DeepAsync(document, leaves: 100, levels: 62);
        // A hundred paths of a quarter of a million characters, in 162 entries.
        Assert.Equal(TooLarge, await document.RefusedAsync(Summarize(1, deep, head)));
        await document.AcknowledgedAsync(Summarize(2, await DeepAsync(document, leaves: 30, levels: 62), head));
        Assert.Equal(92, (await document.LoadAsync()).Snapshot.Entries.Count(entry => entry.Path.StartsWith(".app/n", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Long_names_of_trees_that_multiply_are_counted_without_being_walked_one_by_one()
    {
        await using var document = await StartAsync(hasInitialSummary: true);
        var head = (await document.HeadAsync())!.ToString();
        var tree = await document.StoreTreeAsync("", new GitTreeEntry(GitFileMode.File, "x", await document.StoreBlobAsync("x")));
        for (var level = 0; level < 13; level++)
        {
            // Sixteen thousand entries in the end: few enough, but with names for half a gigabyte.
            tree = await document.StoreTreeAsync("", tree with { Name = "a" + LongName }, tree with { Name = "b" + LongName });
        }

        Assert.Equal(TooLarge, await document.RefusedAsync(Summarize(1, tree.Id.ToString(), head)));
    }

    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    [InlineData(67, false)]
    [InlineData(2000, false)]
    public async Task Sixty_four_levels_are_as_deep_as_a_summary_may_be(int levels, bool isTaken)
    {
        await using var document = await StartAsync(hasInitialSummary: true);
        var head = (await document.HeadAsync())!.ToString();
        var tree = await document.StoreTreeAsync("", new GitTreeEntry(GitFileMode.File, "x", await document.StoreBlobAsync("x")));
        for (var level = 1; level < levels; level++)
        {
            tree = await document.StoreTreeAsync("", tree with { Name = "t" });
        }

        // The same tree once more, nearer to the root: what is known of it does not hide how deep it is.
        var twice = (await document.StoreTreeAsync("", tree with { Name = "a" }, tree with { Name = "b" })).Id.ToString();
        Assert.Equal(TooLarge, await document.RefusedAsync(Summarize(1, twice, head)));
        var op = Summarize(2, tree.Id.ToString(), head);
        if (isTaken)
        {
            await document.AcknowledgedAsync(op);
            Assert.Contains(".app/" + string.Concat(Enumerable.Repeat("t/", levels - 1)) + "x", (await document.LoadAsync()).Files.Keys);
        }
        else
        {
            Assert.Equal(TooLarge, await document.RefusedAsync(op));
        }
    }

    [Theory]
    [InlineData(99_991, true)]
    [InlineData(99_992, false)]
    public async Task An_initial_summary_is_one_that_loads_with_what_the_service_adds(int blobs, bool isTaken)
    {
        await using var document = await StartAsync();
        var key = SessionHost.Key with { DocumentId = "large" };
        var blob = new SummaryBlob("x"u8.ToArray());
        var summary = new SummaryTree(Enumerable.Range(0, blobs).ToDictionary(i => $"{i}", SummaryNode (_) => blob));
        var creator = new DocumentCreator(document.Host.Documents, document.Host.Time);
        var creation = () => creator.CreateAsync(key, new DocumentDraft(summary, null, null), TestContext.Current.CancellationToken);
        if (isTaken)
        {
            Assert.True(await creation());
            Assert.NotNull(await new SummarySnapshots(document.Host.Documents).ReadLatestAsync(key, TestContext.Current.CancellationToken));
        }
        else
        {
            Assert.Equal(TooLarge, (await Assert.ThrowsAsync<MalformedMessageException>(creation)).Message);
        }
    }

    [Theory]
    [InlineData(30, true)]
    [InlineData(100, false)]
    public async Task An_initial_summary_has_no_longer_paths_than_one_that_loads(int leaves, bool isTaken)
    {
        await using var document = await StartAsync();
        var key = SessionHost.Key with { DocumentId = "large" };
        var blob = new SummaryBlob("x"u8.ToArray());
        var tree = new SummaryTree(Enumerable.Range(0, leaves).ToDictionary(i => $"{i}", SummaryNode (_) => blob));
        for (var level = 0; level < 62; level++)
        {
            tree = new SummaryTree(new Dictionary<string, SummaryNode> { ["n" + LongName] = tree });
        }

        var creator = new DocumentCreator(document.Host.Documents, document.Host.Time);
        var creation = () => creator.CreateAsync(key, new DocumentDraft(tree, null, null), TestContext.Current.CancellationToken);
        if (isTaken)
        {
            Assert.True(await creation());
            Assert.NotNull(await new SummarySnapshots(document.Host.Documents).ReadLatestAsync(key, TestContext.Current.CancellationToken));
        }
        else
        {
            Assert.Equal(TooLarge, (await Assert.ThrowsAsync<MalformedMessageException>(creation)).Message);
        }
    }

    [Fact]
    public async Task What_is_uploaded_under_the_services_names_does_not_count()
    {
        await using var document = await StartAsync();
        var tree = await document.StoreTreeAsync("");
        for (var level = 0; level < 70; level++)
        {
            tree = await document.StoreTreeAsync("", tree with { Name = "t" });
        }

        await document.AcknowledgedAsync(Summarize(1, await document.UploadAsync("one", tree with { Name = ".logTail" }), head: null));
        Assert.Equal("one", (await document.LoadAsync()).Files[".app/body"]);
    }

    private static string LongName { get; } = new('n', ObjectLimits.MaxNameBytes - 1);

    private static async Task<string> DeepAsync(Summarizing document, int leaves, int levels)
    {
        var blob = await document.StoreBlobAsync("x");
        var tree = await document.StoreTreeAsync(
            "", [.. Enumerable.Range(0, leaves).Select(i => new GitTreeEntry(GitFileMode.File, $"{i}", blob))]);
        for (var level = 0; level < levels; level++)
        {
            tree = await document.StoreTreeAsync("", tree with { Name = "n" + LongName });
        }

        return tree.Id.ToString();
    }
}
