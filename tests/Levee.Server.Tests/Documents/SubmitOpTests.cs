using System.Text;
using System.Text.Json.Nodes;
using Levee.Testing;

namespace Levee.Server.Tests.Documents;

/// <summary><c>submitOp</c> and <c>noop</c> when all goes well: the contract, section 3.</summary>
public sealed class SubmitOpTests(LeveeServerFixture fixture) : IClassFixture<LeveeServerFixture>
{
    [Theory]
    [InlineData("messageBatches", """[[A,B],[C]]""")]
    [InlineData("messageBatches", """[A,B,C]""")]
    [InlineData("messageBatches", """[[A],B,[],[C]]""")]
    [InlineData("messages", """[A,B,C]""")]
    public async Task All_shapes_of_batches_are_taken_in_order(string member, string batches)
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        foreach (var format in Enum.GetValues<ChannelFormat>())
        {
            await using var client = await document.ConnectAsync(format: format);
            var json = batches;
            foreach (var name in new[] { "A", "B", "C" })
            {
                json = json.Replace(name, client.Op(name.ToLowerInvariant()).ToJsonString());
            }

            var reply = await client.AskAsync("submitOp", JsonNode.Parse($$"""{"clientId":"{{client.Id}}","{{member}}":{{json}}}""")!);
            Assert.True(reply.Status == "ok", reply.ToString());
            await client.ReceiveAsync(message => message.Type() == "op" && message.Text("contents") == "c");
            var ops = client.Received.Where(message => message.Type() == "op").ToList();
            Assert.Equal(["a", "b", "c"], ops.Select(op => op.Text("contents")));
            Assert.Equal([1, 2, 3], ops.Select(op => op.Number("clientSequenceNumber")));
            Assert.Equal(2, ops[2].SequenceNumber() - ops[0].SequenceNumber());
        }
    }

    [Fact]
    public async Task Nothing_comes_between_the_ops_of_a_batch()
    {
        const int Batches = 20;
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var first = await document.ConnectAsync();
        await using var second = await document.ConnectAsync();
        await Task.WhenAll(new[] { first, second }.Select(async client =>
        {
            for (var i = 0; i < Batches; i++)
            {
                await client.WriteAsync(client.Op("begin"), client.Op("middle"), client.Op("end"));
            }
        }));

        var ops = (await document.ReadDeltasAsync()).Where(message => message.Type() == "op").ToList();
        Assert.Equal(2 * Batches * 3, ops.Count);
        Assert.All(ops.Chunk(3), batch =>
        {
            Assert.Equal(["begin", "middle", "end"], batch.Select(op => op.Text("contents")));
            Assert.Single(batch.Select(op => op.Text("clientId")).Distinct());
        });
        foreach (var client in new[] { first, second })
        {
            Assert.Equal(1, ops.Where(op => op.Text("clientId") == client.Id).Select(op => op.Number("clientSequenceNumber")).First());
        }
    }

    [Fact]
    public async Task Contents_metadata_compression_and_unknown_members_pass_byte_for_byte()
    {
        const string Members =
            """ "contents":"{\"a\" : 1.0, \"b\":\"\u00e9é\\n\"}","metadata":{ "batch" : true , "n":1e2},"compression":"lz4","x-unknown":[1,  2.50,{}] """;
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var client = await document.ConnectAsync();
        var reference = await client.PushRawAsync("submitOp", $$"""
            {"clientId":"{{client.Id}}","messageBatches":[[{"type":"op","clientSequenceNumber":1,"referenceSequenceNumber":-1,{{Members}}}]]}
            """.Trim());
        Assert.Equal("ok", (await client.ReplyAsync(reference)).Status);

        var op = await client.ReceiveAsync(message => message.Type() == "op");
        Assert.Contains(Members.Trim(), op.GetRawText());
        // What is stored are the same bytes.
        Assert.Equal(op.GetRawText(), (await document.ReadDeltasAsync())[1].GetRawText());
    }

    [Fact]
    public async Task All_clients_of_a_format_see_the_same_bytes()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var first = await document.ConnectAsync(mode: "read");
        await using var second = await document.ConnectAsync(mode: "read");
        await using var packed = await document.ConnectAsync(format: ChannelFormat.MessagePack);
        await packed.WriteAsync(packed.Op(new JsonObject { ["é"] = 1.5, ["n"] = null, ["deep"] = new JsonArray(1, "x", false) }));

        await first.ReceiveThroughAsync(2);
        await second.ReceiveThroughAsync(2);
        Assert.Equal(first.Received.Select(message => message.GetRawText()), second.Received.Select(message => message.GetRawText()));
        await packed.ReceiveThroughAsync(2);
        Assert.All(packed.Received.Zip(first.Received), pair => Json.AssertEqual(pair.Second, pair.First));
    }

    [Fact]
    public async Task A_message_has_the_contracts_members()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var client = await document.ConnectAsync();
        var before = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        await client.WriteAsync(client.Op("x", reference: 1));
        var op = await client.ReceiveAsync(message => message.Type() == "op");

        var timestamp = op.Number("timestamp");
        Assert.InRange(timestamp, before - 1, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() + 1);
        Json.AssertEqual(
            Json.Of(new
            {
                clientId = client.Id,
                clientSequenceNumber = 1,
                minimumSequenceNumber = 1,
                referenceSequenceNumber = 1,
                sequenceNumber = 2,
                timestamp,
                type = "op",
                contents = "x",
            }),
            op);
    }

    [Fact]
    public async Task An_op_is_in_deltas_when_its_reply_comes()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var client = await document.ConnectAsync();
        for (var i = 1; i <= 10; i++)
        {
            await client.WriteAsync(client.Op($"{i}"));
            Assert.Equal($"{i}", (await document.ReadDeltasAsync())[^1].Text("contents"));
        }
    }

    [Fact]
    public async Task An_op_is_in_deltas_when_another_client_sees_it()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var client = await document.ConnectAsync();
        await using var other = await document.ConnectAsync(mode: "read");
        for (var i = 2; i <= 11; i++)
        {
            await client.PushAsync("submitOp", new { clientId = client.Id, messages = new[] { client.Op() } });
            await other.ReceiveThroughAsync(i);
            Assert.Equal(i, (await document.ReadDeltasAsync())[^1].SequenceNumber());
        }
    }

    [Fact]
    public async Task A_reference_of_minus_one_means_now()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var client = await document.ConnectAsync();
        await client.WriteAsync(client.Op(), client.Op());
        Assert.Equal(
            [(2L, 2L, 2L), (3L, 3L, 3L)],
            (await client.ReceiveThroughAsync(3)).Skip(1).Select(
                op => (op.SequenceNumber(), op.Number("referenceSequenceNumber"), op.MinimumSequenceNumber())));
    }

    [Theory]
    [InlineData("a type of ours")]
    [InlineData("say \"é\" \\ \n")]
    [InlineData("summaryAckOfOurs")]
    public async Task Types_that_the_service_does_not_know_are_sequenced_like_ops(string type)
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var client = await document.ConnectAsync();
        await client.WriteAsync(client.Op(type: type));
        Assert.Equal(type, (await client.ReceiveThroughAsync(2))[^1].Type());
        Assert.Equal(type, (await document.ReadDeltasAsync())[^1].Type());
        await client.AssertNoneAsync(type);
    }

    [Fact]
    public async Task Members_that_are_the_services_own_are_not_taken_from_a_client()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var client = await document.ConnectAsync();
        var op = client.Op();
        op["clientId"] = "somebody else";
        op["sequenceNumber"] = 99;
        op["minimumSequenceNumber"] = 98;
        op["timestamp"] = 1;
        op["data"] = "\"x\"";
        await client.WriteAsync(op);

        var received = await client.ReceiveAsync(message => message.Type() == "op");
        Assert.Equal((client.Id, 2L), (received.Text("clientId"), received.SequenceNumber()));
        Assert.DoesNotContain("data", received.MemberNames());
        Assert.Equal(received.MemberNames().Distinct(), received.MemberNames());
    }

    [Fact]
    public async Task The_noop_event_raises_the_minimum_and_the_service_tells_it()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var first = await document.ConnectAsync();
        await using var second = await document.ConnectAsync();
        await first.WriteAsync(first.Op(reference: 0), first.Op(reference: 2));
        await first.ReceiveThroughAsync(4);
        foreach (var client in new[] { first, second })
        {
            var reply = await client.AskAsync("noop", new { clientId = client.Id, referenceSequenceNumber = 3 });
            Assert.Equal("ok", reply.Status);
        }

        var noOp = await first.ReceiveAsync(message => message.Type() == "noop" && message.MinimumSequenceNumber() == 3);
        Assert.Null(noOp.Text("clientId"));
        // It has no CSN of its own: the client's next is the third.
        await first.WriteAsync(first.Op(reference: 4));
        var next = await first.ReceiveAsync(message => message.SequenceNumber() > noOp.SequenceNumber() && message.Type() == "op");
        Assert.Equal(3, next.Number("clientSequenceNumber"));
    }

    [Fact]
    public async Task A_noop_op_uses_up_the_clients_number_and_gets_none_itself()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var client = await document.ConnectAsync();
        await client.WriteAsync(client.Op(reference: 0));
        var noOp = client.Op(reference: 2, type: "noop");
        noOp["contents"] = null;
        await client.WriteAsync(noOp);
        var told = await client.ReceiveAsync(message => message.Type() == "noop");
        Assert.Equal((null, 2L, 3L), (told.Text("clientId"), told.MinimumSequenceNumber(), told.SequenceNumber()));

        // Without contents it is urgent when it moves the minimum: then it is sequenced as the client's.
        var urgent = client.Op(reference: 3, type: "noop");
        urgent.Remove("contents");
        await client.WriteAsync(urgent);
        var sequenced = await client.ReceiveAsync(message => message.SequenceNumber() == 4);
        Assert.Equal(
            (client.Id, 3L, 3L),
            (sequenced.Text("clientId"), sequenced.Number("clientSequenceNumber"), sequenced.MinimumSequenceNumber()));
        await client.WriteAsync(client.Op());
        Assert.Equal([1, 2, 3, 4, 5], (await document.ReadDeltasAsync()).SequenceNumbers());
    }

    [Theory]
    [InlineData("""{"clientId":"ID"}""", "malformed")]
    [InlineData("""{"clientId":"ID","referenceSequenceNumber":"3"}""", "malformed")]
    [InlineData("""{"clientId":"other","referenceSequenceNumber":1}""", "client_id_mismatch")]
    [InlineData("""{"referenceSequenceNumber":1}""", "client_id_mismatch")]
    public async Task A_malformed_noop_is_refused(string payload, string reason)
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var client = await document.ConnectAsync();
        var reply = await client.ReplyAsync(await client.PushRawAsync("noop", payload.Replace("ID", client.Id)));
        Assert.Equal(("error", reason), (reply.Status, reply.Response.Text("reason")));
        await client.WriteAsync(client.Op());
    }

    [Fact]
    public async Task An_empty_submission_is_no_error()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var client = await document.ConnectAsync();
        var reply = await client.AskAsync("submitOp", new { clientId = client.Id, messageBatches = Array.Empty<object>() });
        Assert.Equal("ok", reply.Status);
        Assert.Single(await document.ReadDeltasAsync());
    }

    [Fact]
    public async Task A_large_op_below_the_limit_passes()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var client = await document.ConnectAsync();
        var large = new StringBuilder().Append('x', 1_000_000).ToString();
        await client.WriteAsync(client.Op(large));
        Assert.Equal(large, (await client.ReceiveAsync(message => message.Type() == "op")).Text("contents"));
    }
}
