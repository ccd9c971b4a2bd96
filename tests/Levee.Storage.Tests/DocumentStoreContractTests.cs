using Levee.Protocol;

namespace Levee.Storage.Tests;

/// <summary>What every store must do: each sentence of <see cref="IDocumentStore"/>, run by one subclass per backend.</summary>
public abstract partial class DocumentStoreContractTests : IAsyncLifetime
{
    protected IDocumentStore Store { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Store = await OpenAsync();

    public virtual async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected abstract ValueTask<IDocumentStore> OpenAsync();

    [Fact]
    public async Task Creates_a_document_with_objects_head_and_state()
    {
        var blob = Some.Blob("initial");
        var document = Some.Document(initial: 7) with { Objects = [blob], Head = blob.Id };

        Assert.True(await Store.CreateDocumentAsync(document, Some.Token));

        var record = await Store.FindDocumentAsync(Some.Key, Some.Token);
        Assert.Equal(new DocumentRecord(Some.Key, Some.Time, 7, record!.InitialState, 7), record);
        Assert.Equal("initial state", Some.Text(record.InitialState));
        Assert.Equal(blob.Id, await Store.FindRefAsync("acme", "refs/heads/plan", Some.Token));
        Assert.Equal("initial", Some.Text((await Store.FindObjectAsync("acme", blob.Id, Some.Token))!.Content));
        Assert.Null(await Store.ReadCheckpointAsync(Some.Key, Some.Token));
    }

    [Fact]
    public async Task Keeps_the_time_of_creation_to_the_millisecond_in_any_time_zone()
    {
        var local = new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.FromHours(5)).AddTicks(123_456);
        await Store.CreateDocumentAsync(Some.Document() with { CreatedAt = local }, Some.Token);

        var record = await Store.FindDocumentAsync(Some.Key, Some.Token);
        Assert.Equal(local.AddTicks(-3_456), record!.CreatedAt);
    }

    [Fact]
    public async Task Does_not_create_a_document_twice_and_changes_nothing_the_second_time()
    {
        await Store.CreateDocumentAsync(Some.Document() with { Head = Some.Id("first") }, Some.Token);
        await Store.AppendAsync(Some.Append(1, 2), Some.Token);
        var second = Some.Document(initial: 9) with { Objects = [Some.Blob("second")], Head = Some.Id("second") };

        Assert.False(await Store.CreateDocumentAsync(second, Some.Token));

        Assert.Equal(2, (await Store.FindDocumentAsync(Some.Key, Some.Token))!.LastSequenceNumber);
        Assert.Equal(Some.Id("first"), await Store.FindRefAsync("acme", "refs/heads/plan", Some.Token));
        Assert.Null(await Store.FindObjectAsync("acme", Some.Id("second"), Some.Token));
        Assert.Null(await Store.ReadCheckpointAsync(Some.Key, Some.Token));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Replaces_a_ref_that_had_the_name_of_a_new_documents_head(bool withHead)
    {
        await Store.UpdateRefAsync("acme", "refs/heads/plan", null, Some.Id("stray"), Some.Token);

        await Store.CreateDocumentAsync(Some.Document() with { Head = withHead ? Some.Id("own") : null }, Some.Token);

        Assert.Equal(withHead ? Some.Id("own") : null, await Store.FindRefAsync("acme", "refs/heads/plan", Some.Token));
    }

    [Fact]
    public async Task Finds_no_document_that_was_never_created()
    {
        Assert.Null(await Store.FindDocumentAsync(Some.Key, Some.Token));
        Assert.Null(await Store.ReadCheckpointAsync(Some.Key, Some.Token));
        Assert.Equal(0, (await Store.ReadAllAsync()).Count);
        Assert.Equal(AppendOutcome.UnknownDocument, await Store.AppendAsync(Some.Append(1, 1), Some.Token));
        Assert.False(await Store.WriteCheckpointAsync(Some.Key, Some.Checkpoint(0), Some.Token));
    }

    [Fact]
    public async Task Keeps_documents_of_the_same_name_in_different_tenants_apart()
    {
        var other = Some.Key with { TenantId = "globex" };
        await Store.CreateDocumentAsync(Some.Document(), Some.Token);
        Assert.True(await Store.CreateDocumentAsync(Some.Document(other), Some.Token));
        await Store.AppendAsync(Some.Append(1, 3, text: "acme"), Some.Token);
        await Store.AppendAsync(Some.Append(1, 1, other, "globex"), Some.Token);

        Assert.Equal(3, (await Store.ReadAllAsync()).Count);
        Assert.Equal(Some.Json(1, "globex"), Some.Text(await Store.ReadAllAsync(other)));
    }

    [Fact]
    public async Task Tells_keys_apart_that_a_joined_form_would_confuse()
    {
        var (left, right) = (new DocumentKey("a:b", "c"), new DocumentKey("a", "b:c"));
        await Store.CreateDocumentAsync(Some.Document(left), Some.Token);

        Assert.Null(await Store.FindDocumentAsync(right, Some.Token));
        Assert.Null(await Store.FindDocumentAsync(new DocumentKey("A:b", "c"), Some.Token));
    }

    [Fact]
    public async Task Appends_and_reads_back_the_same_bytes()
    {
        await Store.CreateDocumentAsync(Some.Document(), Some.Token);
        Assert.Equal(AppendOutcome.Appended, await Store.AppendAsync(Some.Append(1, 3, text: "äöü\\n"), Some.Token));
        Assert.Equal(AppendOutcome.Appended, await Store.AppendAsync(Some.Append(4, 1), Some.Token));

        var all = await Store.ReadAllAsync();

        Assert.Equal((1, 4), (all.FirstSequenceNumber, all.LastSequenceNumber));
        Assert.Equal(Some.Text(Some.Batch(1, 3, "äöü\\n")) + "," + Some.Json(4), Some.Text(all));
        Assert.Equal(Some.Json(4), Some.Text(all[3]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(4)]
    public async Task Fences_a_batch_that_does_not_begin_one_above_the_last_number(long first)
    {
        await Store.CreateDocumentAsync(Some.Document() with { Head = Some.Id("old") }, Some.Token);
        await Store.AppendAsync(Some.Append(1, 2), Some.Token);
        var request = Some.Append(first, 3) with
        {
            Head = new HeadUpdate(Some.Id("old"), Some.Id("new")),
            Checkpoint = Some.Checkpoint(first),
        };

        Assert.Equal(AppendOutcome.Fenced, await Store.AppendAsync(request, Some.Token));

        Assert.Equal(2, (await Store.FindDocumentAsync(Some.Key, Some.Token))!.LastSequenceNumber);
        Assert.Equal(Some.Text(Some.Batch(1, 2)), Some.Text(await Store.ReadAllAsync()));
        Assert.Equal(Some.Id("old"), await Store.FindRefAsync("acme", "refs/heads/plan", Some.Token));
        Assert.Null(await Store.ReadCheckpointAsync(Some.Key, Some.Token));
    }

    [Fact]
    public async Task Begins_the_log_one_above_the_initial_number()
    {
        await Store.CreateDocumentAsync(Some.Document(initial: 41), Some.Token);

        Assert.Equal(AppendOutcome.Fenced, await Store.AppendAsync(Some.Append(1, 1), Some.Token));
        Assert.Equal(AppendOutcome.Appended, await Store.AppendAsync(Some.Append(42, 2), Some.Token));

        Assert.Equal(Some.Text(Some.Batch(42, 2)), Some.Text(await Store.ReadAllAsync()));
        var record = await Store.FindDocumentAsync(Some.Key, Some.Token);
        Assert.Equal((41, 43), (record!.InitialSequenceNumber, record.LastSequenceNumber));
    }

    [Fact]
    public async Task Lets_exactly_one_of_two_sessions_append_the_same_number()
    {
        await Store.CreateDocumentAsync(Some.Document(), Some.Token);
        for (var number = 1; number <= 30; number++)
        {
            var outcomes = await Task.WhenAll(Enumerable.Range(0, 4).Select(session => Task.Run(
                async () => await Store.AppendAsync(Some.Append(number, 1, text: $"s{session}"), Some.Token), Some.Token)));

            Assert.Equal(1, outcomes.Count(outcome => outcome == AppendOutcome.Appended));
            Assert.Equal(3, outcomes.Count(outcome => outcome == AppendOutcome.Fenced));
        }

        Assert.Equal(30, (await Store.ReadAllAsync()).Count);
    }

    [Fact]
    public async Task Does_not_depend_on_the_callers_memory_after_an_append()
    {
        await Store.CreateDocumentAsync(Some.Document(), Some.Token);
        var json = System.Text.Encoding.UTF8.GetBytes(Some.Json(1));
        await Store.AppendAsync(new AppendRequest { Key = Some.Key, Deltas = new DeltaBatch(1, json, [json.Length]) }, Some.Token);
        json.AsSpan().Clear();

        Assert.Equal(Some.Json(1), Some.Text(await Store.ReadAllAsync()));
    }

    [Fact]
    public async Task Reads_above_after_and_up_to_and_with_through()
    {
        await Store.CreateDocumentAsync(Some.Document(initial: 10), Some.Token);
        await Store.AppendAsync(Some.Append(11, 10), Some.Token);

        foreach (var (after, through, first, count) in new (long, long, long, int)[]
        {
            (10, 20, 11, 10), (13, 15, 14, 2), (14, 15, 15, 1), (15, 15, 16, 0), (16, 15, 17, 0), (20, 30, 21, 0),
            (18, 99, 19, 2), (0, 12, 11, 2), (-5, long.MaxValue, 11, 10), (3, 10, 4, 0), (long.MaxValue, long.MaxValue, 0, 0),
        })
        {
            var batch = await Store.ReadDeltasAsync(Some.Key, after, through, 1000, 1 << 20, Some.Token);
            Assert.Equal(count, batch.Count);
            Assert.Equal(Some.Text(Some.Batch(first, count)), Some.Text(batch));
            if (after < long.MaxValue)
            {
                Assert.Equal(first, batch.FirstSequenceNumber);
            }
        }
    }

    [Fact]
    public async Task Reads_no_more_messages_than_asked_for()
    {
        await Store.CreateDocumentAsync(Some.Document(), Some.Token);
        await Store.AppendAsync(Some.Append(1, 10), Some.Token);

        Assert.Equal(Some.Text(Some.Batch(3, 4)), Some.Text(await Store.ReadDeltasAsync(Some.Key, 2, 9, 4, 1 << 20, Some.Token)));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            async () => await Store.ReadDeltasAsync(Some.Key, 2, 9, 0, 1 << 20, Some.Token));
    }

    [Fact]
    public async Task Reads_about_as_many_bytes_as_asked_for_but_at_least_one_message()
    {
        await Store.CreateDocumentAsync(Some.Document(), Some.Token);
        await Store.AppendAsync(Some.Append(1, 5, text: new string('x', 2000)), Some.Token);
        var one = Some.Json(1, new string('x', 2000)).Length;

        Assert.Equal(1, (await Store.ReadDeltasAsync(Some.Key, 0, 5, 100, 0, Some.Token)).Count);
        Assert.Equal(1, (await Store.ReadDeltasAsync(Some.Key, 0, 5, 100, (2 * one) - 1, Some.Token)).Count);
        Assert.Equal(3, (await Store.ReadDeltasAsync(Some.Key, 1, 5, 100, (3 * one) + 10, Some.Token)).Count);
    }

    [Fact]
    public async Task Pages_put_together_are_the_log()
    {
        await Store.CreateDocumentAsync(Some.Document(), Some.Token);
        await Store.AppendAsync(Some.Append(1, 100), Some.Token);
        await Store.AppendAsync(Some.Append(101, 100), Some.Token);

        var pages = new List<string>();
        for (long after = 0; after < 200;)
        {
            var page = await Store.ReadDeltasAsync(Some.Key, after, 200, 7, 1 << 20, Some.Token);
            Assert.Equal(after + 1, page.FirstSequenceNumber);
            pages.Add(Some.Text(page));
            after = page.LastSequenceNumber;
        }

        Assert.Equal(Some.Text(await Store.ReadAllAsync()), string.Join(',', pages));
    }

    [Fact]
    public async Task Writes_a_checkpoint_with_the_batch()
    {
        await Store.CreateDocumentAsync(Some.Document(), Some.Token);

        await Store.AppendAsync(Some.Append(1, 5) with { Checkpoint = Some.Checkpoint(5) }, Some.Token);
        Assert.Equal(5, (await Store.ReadCheckpointAsync(Some.Key, Some.Token))!.SequenceNumber);

        await Store.AppendAsync(Some.Append(6, 1) with { Checkpoint = Some.Checkpoint(3, "old") }, Some.Token);
        Assert.Equal("state at 5", Some.Text((await Store.ReadCheckpointAsync(Some.Key, Some.Token))!.State));

        await Assert.ThrowsAsync<ArgumentException>(async () =>
            await Store.AppendAsync(Some.Append(7, 1) with { Checkpoint = Some.Checkpoint(8) }, Some.Token));
        Assert.Equal(6, (await Store.ReadAllAsync()).Count);
    }

    [Fact]
    public async Task Replaces_a_checkpoint_by_a_newer_or_equal_one_that_the_log_reaches()
    {
        await Store.CreateDocumentAsync(Some.Document(), Some.Token);
        await Store.AppendAsync(Some.Append(1, 5), Some.Token);

        Assert.True(await Store.WriteCheckpointAsync(Some.Key, Some.Checkpoint(3), Some.Token));
        Assert.False(await Store.WriteCheckpointAsync(Some.Key, Some.Checkpoint(2), Some.Token));
        Assert.False(await Store.WriteCheckpointAsync(Some.Key, Some.Checkpoint(6), Some.Token));
        Assert.Equal("state at 3", Some.Text((await Store.ReadCheckpointAsync(Some.Key, Some.Token))!.State));
        Assert.True(await Store.WriteCheckpointAsync(Some.Key, Some.Checkpoint(3, "again"), Some.Token));
        Assert.Equal("again at 3", Some.Text((await Store.ReadCheckpointAsync(Some.Key, Some.Token))!.State));
    }

    [Fact]
    public async Task Moves_the_head_with_the_batch()
    {
        await Store.CreateDocumentAsync(Some.Document(), Some.Token);

        await Store.AppendAsync(Some.Append(1, 1) with { Head = new HeadUpdate(null, Some.Id("a")) }, Some.Token);
        await Store.AppendAsync(Some.Append(2, 1) with { Head = new HeadUpdate(Some.Id("a"), Some.Id("b")) }, Some.Token);

        Assert.Equal(Some.Id("b"), await Store.FindRefAsync("acme", GitRef.OfDocument("plan"), Some.Token));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("other")]
    public async Task Keeps_nothing_of_a_batch_whose_head_is_elsewhere(string? expected)
    {
        await Store.CreateDocumentAsync(Some.Document() with { Head = Some.Id("here") }, Some.Token);
        var request = Some.Append(1, 2) with
        {
            Head = new HeadUpdate(expected is null ? null : Some.Id(expected), Some.Id("there")),
            Checkpoint = Some.Checkpoint(2),
        };

        Assert.Equal(AppendOutcome.HeadMoved, await Store.AppendAsync(request, Some.Token));

        Assert.Equal(0, (await Store.ReadAllAsync()).Count);
        Assert.Null(await Store.ReadCheckpointAsync(Some.Key, Some.Token));
        Assert.Equal(Some.Id("here"), await Store.FindRefAsync("acme", "refs/heads/plan", Some.Token));
        Assert.Equal(AppendOutcome.Appended, await Store.AppendAsync(Some.Append(1, 2), Some.Token));
    }

    [Fact]
    public async Task Does_not_start_a_call_whose_token_is_cancelled()
    {
        await Store.CreateDocumentAsync(Some.Document(), Some.Token);
        var cancelled = new CancellationToken(canceled: true);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Store.AppendAsync(Some.Append(1, 1), cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Store.FindDocumentAsync(Some.Key, cancelled));

        Assert.Equal(AppendOutcome.Appended, await Store.AppendAsync(Some.Append(1, 1), Some.Token));
    }
}
