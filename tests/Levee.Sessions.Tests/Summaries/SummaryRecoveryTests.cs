using System.Text;
using System.Text.Json;
using Levee.Protocol;
using Levee.Protocol.Git;
using Levee.Storage;
using static Levee.Sessions.Tests.SessionHost;

namespace Levee.Sessions.Tests;

/// <summary>A summary and its answer after a crash between them: head and ack agree, and there is one answer.</summary>
public sealed class SummaryRecoveryTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_ack_that_could_not_be_written_is_given_once_by_the_next_session()
    {
        await using var host = await new SessionHost().WithDocumentAsync();
        var handle = await UploadAsync(host, "one");
        var failed = false;
        host.Store.BeforeAppend = request =>
        {
            if (request.Head is null || failed)
            {
                return ValueTask.CompletedTask;
            }

            failed = true;
            throw new IOException("The disk is gone for a moment.");
        };
        var (connection, client) = await host.ConnectAsync();
        await connection.SubmitAsync(Ops(Summarize(1, handle, head: null)));
        await client.Until(() => client.Ended is not null);
        Assert.Equal(SessionEnd.Failed, client.Ended);
        Assert.Null(await HeadAsync(host));
        Assert.DoesNotContain(client.Messages, message => message.Type == MessageType.SummaryAck);

        var (_, back) = await host.ConnectAsync(lastSeen: 0);
        await back.Until(() => back.Messages.Any(message => message.Type == MessageType.SummaryAck));
        await AssertAgreesAsync(host, summarized: 2);
    }

    [Fact]
    public async Task A_summary_that_two_sessions_answer_has_one_answer()
    {
        await using var host = await new SessionHost().WithDocumentAsync();
        var handle = await UploadAsync(host, "one");
        var disk = new TaskCompletionSource();
        var stalled = new TaskCompletionSource();
        host.Store.BeforeAppend = async request =>
        {
            if (request.Head is not null && stalled.TrySetResult())
            {
                await disk.Task;
            }
        };
        var (connection, client) = await host.ConnectAsync();
        await connection.SubmitAsync(Ops(Summarize(1, handle, head: null)));
        await stalled.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancelled);

        // Another server takes the document over while the first one's ack is on its way to the disk.
        var (_, back) = await host.ConnectAsync(lastSeen: 0, directory: host.NewDirectory());
        await back.Until(() => back.Messages.Any(message => message.Type == MessageType.SummaryAck));
        disk.SetResult();
        await client.Until(() => client.Ended is not null);

        Assert.Equal(SessionEnd.Fenced, client.Ended);
        Assert.DoesNotContain(client.Messages, message => message.Type == MessageType.SummaryAck);
        await AssertAgreesAsync(host, summarized: 2);
    }

    [Fact]
    public async Task Summaries_that_wait_are_answered_in_order_after_a_crash()
    {
        await using var host = await new SessionHost().WithDocumentAsync();
        var (one, two) = (await UploadAsync(host, "one"), await UploadAsync(host, "two"));
        var failed = false;
        host.Store.BeforeAppend = request =>
        {
            if (request.Head is null || failed)
            {
                return ValueTask.CompletedTask;
            }

            failed = true;
            throw new IOException("The disk is gone for a moment.");
        };
        var (connection, client) = await host.ConnectAsync();
        await connection.SubmitAsync(Ops(Summarize(1, one, head: null), Summarize(2, two, head: null)));
        await client.Until(() => client.Ended is not null);

        var (_, back) = await host.ConnectAsync(lastSeen: 0);
        await back.Until(() => back.Messages.Any(message => message.Type == MessageType.SummaryNack));
        await AssertAgreesAsync(host, summarized: 2);
        var refused = Assert.Single(back.Messages, message => message.Type == MessageType.SummaryNack);
        Assert.Equal(3, SummaryAnswer.Read(refused)!.SummarySequenceNumber);
    }

    [Fact]
    public async Task An_answered_summary_is_not_answered_again()
    {
        await using var host = await new SessionHost().WithDocumentAsync();
        var (connection, client) = await host.ConnectAsync();
        await connection.SubmitAsync(Ops(Summarize(1, await UploadAsync(host, "one"), head: null)));
        await client.Until(() => client.Messages.Any(message => message.Type == MessageType.SummaryAck));
        await host.Directory.StopAsync();

        var directory = host.NewDirectory();
        var (again, back) = await host.ConnectAsync(lastSeen: 0, directory: directory);
        await again.SubmitAsync(Ops(Op(1)));
        await back.Until(() => back.Messages.Any(message => message.Type == MessageType.Op));
        await AssertAgreesAsync(host, summarized: 2);
        Assert.Equal((await HeadAsync(host))!.ToString(), back.Connected!.Summary!.Handle);
    }

    /// <summary>The log holds one ack, of that summary, and its handle is the head.</summary>
    private static async Task AssertAgreesAsync(SessionHost host, long summarized)
    {
        var log = (await host.ReadLogAsync()).Select(json => SequencedMessageReader.Read(Encoding.UTF8.GetBytes(json))).ToList();
        Assert.Equal(Enumerable.Range(1, log.Count).Select(number => (long)number), log.Select(message => message.SequenceNumber));
        var ack = SummaryAnswer.Read(Assert.Single(log, message => message.Type == MessageType.SummaryAck))!;
        Assert.Equal(summarized, ack.SummarySequenceNumber);
        Assert.Equal((await HeadAsync(host))!.ToString(), ack.Handle);
    }

    private static async Task<ObjectId?> HeadAsync(SessionHost host) =>
        await host.Store.FindRefAsync(Key.TenantId, GitRef.OfDocument(Key.DocumentId), Cancelled);

    private static async Task<string> UploadAsync(SessionHost host, string content)
    {
        var blob = GitObject.Blob(Encoding.UTF8.GetBytes(content));
        var tree = GitTree.Create([new GitTreeEntry(GitFileMode.File, "body", blob.Id)]).ToObject();
        await host.Store.PutObjectsAsync(Key.TenantId, [blob, tree], Cancelled);
        return tree.Id.ToString();
    }

    private static DocumentMessage Summarize(long number, string handle, string? head)
    {
        var contents = JsonSerializer.Serialize(new { handle, head = head ?? "", message = "summary", parents = Array.Empty<string>() });
        return Op(number, contents: JsonSerializer.Serialize(contents), type: "summarize");
    }
}
