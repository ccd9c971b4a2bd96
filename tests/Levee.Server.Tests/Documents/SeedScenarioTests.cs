using Levee.Testing;

namespace Levee.Server.Tests.Documents;

/// <summary>The scenarios of the original's channel tests, one after the other.</summary>
public sealed class SeedScenarioTests(LeveeServerFixture fixture) : IClassFixture<LeveeServerFixture>
{
    [Theory, InEachFormat]
    public async Task Connect_document_with_a_valid_token(ChannelFormat format)
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var socket = await DocumentClient.JoinAsync(document, format);

        var reply = await socket.AskAsync("connect_document", document.ConnectMessage(TestTokens.ReadWrite(document.Id)));
        Assert.Equal("ok", reply.Status);
        Assert.NotEmpty(reply.Response.Text("clientId")!);
    }

    [Theory, InEachFormat]
    public async Task Connect_document_with_an_invalid_token(ChannelFormat format)
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var socket = await DocumentClient.JoinAsync(document, format);

        var reply = await socket.AskAsync("connect_document", document.ConnectMessage("invalid"));
        Assert.Equal("error", reply.Status);
        Assert.Equal("invalid_token", reply.Response.Text("reason"));
        Assert.Equal(401, (await socket.EventAsync("connect_document_error")).Number("code"));
    }

    [Theory, InEachFormat]
    public async Task SubmitOp_before_authentication(ChannelFormat format)
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var socket = await DocumentClient.JoinAsync(document, format);

        var reply = await socket.AskAsync("submitOp", new { clientId = "x", messageBatches = new[] { new[] { DocumentClient.NumberedOp(1) } } });
        Assert.Equal("error", reply.Status);
        Assert.Equal("not_authenticated", reply.Response.Text("reason"));
        var content = (await socket.NackAsync()).GetProperty("content");
        Assert.Equal((400, "Client not connected"), (content.Number("code"), content.Text("message")));
        Assert.Empty(await document.ReadDeltasAsync());
    }

    [Theory, InEachFormat]
    public async Task SubmitOp_after_authentication(ChannelFormat format)
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var client = await document.ConnectAsync(format: format);

        var reply = await client.SubmitAsync(client.Op("hello"));
        Assert.Equal("ok", reply.Status);
        Json.AssertEqual(Json.Of("{}"), reply.Response);
        var op = await client.ReceiveAsync(message => message.Type() == "op");
        Assert.Equal(("hello", client.Id, 2), (op.Text("contents"), op.Text("clientId"), op.SequenceNumber()));
    }

    [Theory, InEachFormat]
    public async Task A_read_only_token_reads_and_does_not_write(ChannelFormat format)
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var writer = await document.ConnectAsync();
        await using var reader = await document.ConnectAsync(TestTokens.ReadOnly(document.Id), "read", format: format);

        Assert.Equal("read", reader.Connected.Text("mode"));
        var reply = await reader.SubmitAsync(reader.Op());
        Assert.Equal("error", reply.Status);
        var content = (await reader.NackAsync()).GetProperty("content");
        Assert.Equal((403, "InvalidScopeError"), (content.Number("code"), content.Text("type")));

        await writer.WriteAsync(writer.Op("news"));
        Assert.Equal("news", (await reader.ReceiveAsync(message => message.Type() == "op")).Text("contents"));
    }

    [Theory, InEachFormat]
    public async Task Two_clients_both_get_the_broadcast(ChannelFormat format)
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var first = await document.ConnectAsync(format: format);
        await using var second = await document.ConnectAsync();

        await first.WriteAsync(first.Op("from the first"));
        await second.WriteAsync(second.Op("from the second"));
        foreach (var client in new[] { first, second })
        {
            var all = await client.ReceiveThroughAsync(4);
            Assert.Equal(
                [("from the first", 3L), ("from the second", 4L)],
                all.Where(message => message.Type() == "op").Select(message => (message.Text("contents")!, message.SequenceNumber())));
        }
    }

    [Theory, InEachFormat]
    public async Task The_session_of_a_document_that_was_never_created_is_not_found(ChannelFormat format)
    {
        var document = TestDocument.Unknown(fixture.Server);
        await using var socket = await DocumentClient.JoinAsync(document, format);

        var reply = await socket.AskAsync("connect_document", document.ConnectMessage());
        Assert.Equal(("error", "session_not_found", 404), (reply.Status, reply.Response.Text("reason"), reply.Response.Number("code")));
        Assert.Equal(404, (await socket.EventAsync("connect_document_error")).Number("code"));

        // Refused is not dead: once the document exists, the same channel connects.
        await document.AskAsync(HttpMethod.Post, $"/documents/{document.Tenant}", new { id = document.Id });
        await socket.ConnectAsync(document.ConnectMessage());
    }
}
