using Levee.Protocol;
using Levee.Protocol.Git;
using Levee.Testing.Storage;
using static Levee.Sessions.Tests.SessionHost;

namespace Levee.Sessions.Tests;

/// <summary>How far back a proposed summary may refer: each step is a look at the store.</summary>
public sealed class SummaryBoundsTests
{
    private static readonly GitSignature Author = new("somebody", "", DateTimeOffset.UnixEpoch);

    private readonly MemoryDocumentStore _store = new();
    private readonly GitObject _tree = GitTree.Create([]).ToObject();

    [Theory]
    [InlineData(255, true)]
    [InlineData(256, false)]
    public async Task A_head_may_be_as_many_service_summaries_behind_as_are_looked_at(int behind, bool isTaken)
    {
        var versions = await StoreVersionsAsync(300);
        var verdict = await CheckAsync(versions, head: versions[^(behind + 1)], parent: versions[^1]);
        Assert.Equal(isTaken, verdict.Commit is not null);
        Assert.Equal(isTaken ? null : $"Proposed parent summary \"{versions[^(behind + 1)]}\" does not match actual parent summary \"{versions[^1]}\"", verdict.Refusal);
    }

    [Theory]
    [InlineData(ObjectLimits.MaxAncestors - 1, true)]
    [InlineData(ObjectLimits.MaxAncestors, false)]
    public async Task A_parent_may_be_as_many_versions_behind_as_are_looked_at(int behind, bool isTaken)
    {
        var versions = await StoreVersionsAsync(ObjectLimits.MaxAncestors + 1);
        var verdict = await CheckAsync(versions, head: versions[^1], parent: versions[^(behind + 1)]);
        Assert.Equal(isTaken, verdict.Commit is not null);
        Assert.Equal(isTaken ? null : "One or more parent summaries are invalid", verdict.Refusal);
    }

    /// <summary>A document's versions, oldest first.</summary>
    private async Task<List<ObjectId>> StoreVersionsAsync(int count)
    {
        var versions = new List<GitObject>();
        for (var i = 0; i < count; i++)
        {
            versions.Add(new GitCommit(_tree.Id, i == 0 ? [] : [versions[^1].Id], Author, Author, "version").ToObject());
        }

        await _store.CreateDocumentAsync(DocumentCreation.Empty(Key, DateTimeOffset.UnixEpoch), TestContext.Current.CancellationToken);
        await _store.PutObjectsAsync(Key.TenantId, [_tree, .. versions], TestContext.Current.CancellationToken);
        return [.. versions.Select(version => version.Id)];
    }

    private Task<SummaryVerdict> CheckAsync(List<ObjectId> versions, ObjectId head, ObjectId parent)
    {
        var contents = System.Text.Encoding.UTF8.GetBytes($$"""{"handle":"{{_tree.Id}}","head":"{{head}}","message":"","parents":["{{parent}}"]}""");
        var summary = new PendingSummary(2, 1, contents, QuorumSnapshot.Initial(0, []));
        return new SummaryWriter(_store, TimeProvider.System).AnswerAsync(Key, summary, versions[^1], last: null, TestContext.Current.CancellationToken);
    }
}
