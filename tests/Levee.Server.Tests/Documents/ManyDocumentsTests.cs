using System.Text.Json;
using Levee.Testing;

namespace Levee.Server.Tests.Documents;

/// <summary>Documents and tenants keep apart, on one socket too.</summary>
public sealed class ManyDocumentsTests(LeveeServerFixture fixture) : IClassFixture<LeveeServerFixture>
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory, InEachFormat]
    public async Task One_socket_serves_many_documents_and_leaving_one_leaves_the_others(ChannelFormat format)
    {
        var one = await TestDocument.CreateAsync(fixture.Server);
        var two = await TestDocument.CreateAsync(fixture.Server);
        await using var channel = await ChannelClient.ConnectAsync(fixture.Server.Url, format, Cancelled);
        var ids = new Dictionary<string, string>();
        foreach (var document in new[] { one, two })
        {
            var connected = await channel.ConnectDocumentAsync(document.Tenant, document.Id, document.FullAccess, cancellationToken: Cancelled);
            ids[document.Id] = connected.Text("clientId")!;
        }

        await SubmitAsync(channel, one, ids[one.Id], "to one");
        await SubmitAsync(channel, two, ids[two.Id], "to two");
        Assert.Equal("to one", (await OpAsync(channel, one)).Text("contents"));
        Assert.Equal("to two", (await OpAsync(channel, two)).Text("contents"));

        var leave = await channel.PushAsync(one.Topic, "phx_leave", cancellationToken: Cancelled);
        await channel.ExpectReplyAsync(leave, "ok", cancellationToken: Cancelled);
        await SubmitAsync(channel, two, ids[two.Id], "still here", number: 2);
        Assert.Equal("still here", (await OpAsync(channel, two)).Text("contents"));
        Assert.Equal(["to two", "still here"], await ContentsAsync(two));
        Assert.Equal(["to one"], await ContentsAsync(one));

        var refused = await channel.PushAsync(one.Topic, "submitOp", new { }, Cancelled);
        var reply = await channel.ExpectReplyAsync(refused, "error", cancellationToken: Cancelled);
        Assert.Equal("unmatched topic", reply.Response.Text("reason"));
    }

    [Fact]
    public async Task Tenants_with_documents_of_the_same_name_hear_nothing_of_each_other()
    {
        var mine = await TestDocument.CreateAsync(fixture.Server);
        var theirs = mine.OfTenant(TestTenants.Other);
        await theirs.AskAsync(HttpMethod.Post, $"/documents/{theirs.Tenant}", new { id = theirs.Id });
        await using var client = await mine.ConnectAsync();
        await using var other = await theirs.ConnectAsync();
        await client.WriteAsync(client.Op("mine"));
        await client.SignalAsync(new { content = "mine" });
        await other.WriteAsync(other.Op("theirs"));

        await other.ReceiveThroughAsync(2);
        await client.ReceiveThroughAsync(2);
        Assert.Equal(["theirs"], await ContentsAsync(theirs));
        Assert.Equal(["mine"], await ContentsAsync(mine));
        Assert.Equal("theirs", other.Received[^1].Text("contents"));
        await other.AssertNoneAsync("signal");
        Assert.Single(other.Connected.GetProperty("initialClients").EnumerateArray());
    }

    [Theory, InEachFormat]
    public async Task A_document_id_may_hold_colons(ChannelFormat format)
    {
        var document = await TestDocument.CreateAsync(fixture.Server, $"a:b:{Guid.NewGuid():N}");
        await using var client = await document.ConnectAsync(format: format);
        await client.WriteAsync(client.Op());
        Assert.Equal(2, (await client.ReceiveThroughAsync(2)).Count);
    }

    [Fact]
    public async Task A_client_that_leaves_and_joins_again_on_its_socket_is_a_new_one()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var channel = await ChannelClient.ConnectAsync(fixture.Server.Url, cancellationToken: Cancelled);
        var ids = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            var connected = await channel.ConnectDocumentAsync(document.Tenant, document.Id, document.FullAccess, cancellationToken: Cancelled);
            ids.Add(connected.Text("clientId")!);
            await SubmitAsync(channel, document, ids[i], $"{i}");
            var leave = await channel.PushAsync(document.Topic, "phx_leave", cancellationToken: Cancelled);
            await channel.ExpectReplyAsync(leave, "ok", cancellationToken: Cancelled);
        }

        Assert.Equal(3, ids.Distinct().Count());
        await using var last = await document.ConnectAsync();
        Assert.Single(last.Connected.GetProperty("initialClients").EnumerateArray());
        Assert.Equal(["0", "1", "2"], await ContentsAsync(document));
    }

    private static async Task SubmitAsync(ChannelClient channel, TestDocument document, string clientId, string contents, long number = 1)
    {
        var reference = await channel.PushAsync(
            document.Topic, "submitOp", new { clientId, messages = new[] { DocumentClient.NumberedOp(number, contents) } }, Cancelled);
        await channel.ExpectReplyAsync(reference, "ok", cancellationToken: Cancelled);
    }

    private static async Task<JsonElement> OpAsync(ChannelClient channel, TestDocument document)
    {
        var frame = await channel.ExpectPushAsync(
            "op",
            frame => frame.Topic == document.Topic && frame.Payload.GetProperty("op")[0].Type() == "op",
            cancellationToken: Cancelled);
        Assert.Equal(document.Id, frame.Payload.Text("documentId"));
        return frame.Payload.GetProperty("op")[0];
    }

    private static async Task<IEnumerable<string?>> ContentsAsync(TestDocument document) =>
        (await document.ReadDeltasAsync()).Where(message => message.Type() == "op").Select(message => message.Text("contents"));
}
