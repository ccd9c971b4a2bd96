using Levee.Testing;

namespace Levee.Server.Tests.Documents;

/// <summary>The defects of the original that must not come back: the contract, section 7.</summary>
public sealed class OriginalDefectTests(LeveeServerFixture fixture) : IClassFixture<LeveeServerFixture>
{
    [Theory]
    [InlineData("""[["x"]]""")]
    [InlineData("""[[{"type":"op","contents":"x","clientSequenceNumber":"1","referenceSequenceNumber":-1}]]""")]
    public async Task A_malformed_message_drops_nobody_and_numbering_goes_on(string batches)
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var bad = await document.ConnectAsync();
        await using var good = await document.ConnectAsync();
        await good.WriteAsync(good.Op());
        var reply = await bad.ReplyAsync(await bad.PushRawAsync("submitOp", $$"""{"clientId":"{{bad.Id}}","messageBatches":{{batches}}}"""));
        Assert.Equal("error", reply.Status);

        await good.WriteAsync(good.Op("after"));
        await bad.WriteAsync(bad.Op("after"));
        Assert.Equal([1, 2, 3, 4, 5], (await document.ReadDeltasAsync()).SequenceNumbers());
        Assert.Equal([1, 2, 3, 4, 5], (await bad.ReceiveThroughAsync(5)).SequenceNumbers());
        await good.AssertNoneAsync("phx_error");
    }

    [Fact]
    public async Task Of_a_valid_and_an_invalid_op_the_valid_one_is_broadcast_and_there_is_no_gap()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var client = await document.ConnectAsync();
        await using var other = await document.ConnectAsync(mode: "read");
        var reply = await client.SubmitAsync(client.Op("valid"), DocumentClient.NumberedOp(7, "invalid"));
        Assert.Equal("error", reply.Status);
        Assert.Equal("invalid", (await client.NackAsync()).GetProperty("operation").Text("contents"));
        await client.WriteAsync(client.Op("next"));

        var seen = await other.ReceiveThroughAsync(3);
        Assert.Equal([("valid", 2L), ("next", 3L)], seen.Select(message => (message.Text("contents")!, message.SequenceNumber())));
        Assert.Equal([1, 2, 3], (await document.ReadDeltasAsync()).SequenceNumbers());
    }

    [Fact]
    public async Task Joins_and_leaves_keep_the_others_client_sequence_numbers()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var client = await document.ConnectAsync();
        var first = client.Op("first");
        await client.WriteAsync(first);
        await using var passing = await document.ConnectAsync();
        await passing.LeaveAsync();
        await client.ReceiveAsync(message => message.IsLeaveOf(passing.Id));

        // Sent once more, it is a duplicate: dropped without a word.
        await client.WriteAsync(first);
        await client.WriteAsync(client.Op("second"));
        await client.AssertNoneAsync("nack");
        Assert.Equal(
            ["first", "second"],
            (await document.ReadDeltasAsync()).Where(message => message.Type() == "op").Select(message => message.Text("contents")));
    }

    [Fact]
    public async Task Joins_and_leaves_keep_the_others_reference_sequence_numbers()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var slow = await document.ConnectAsync();
        await slow.WriteAsync(slow.Op(reference: 1));
        await using var quick = await document.ConnectAsync();
        await quick.WriteAsync(quick.Op(), quick.Op());
        await quick.LeaveAsync();
        await using var next = await document.ConnectAsync();
        await next.WriteAsync(next.Op());

        // The slow one still stands at 1, so nothing may say that everybody has seen more.
        Assert.All(await document.ReadDeltasAsync(), message => Assert.InRange(message.MinimumSequenceNumber(), 0, 1));
        await slow.WriteAsync(slow.Op(reference: 1));
        await slow.AssertNoneAsync("nack");
    }

    [Fact]
    public async Task A_reference_below_the_minimum_is_nacked()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var client = await document.ConnectAsync();
        await client.WriteAsync(client.Op());
        Assert.Equal("error", (await client.SubmitAsync(client.Op(reference: 1))).Status);
        Assert.Equal("Refseq 1 < 2", (await client.NackAsync()).GetProperty("content").Text("message"));
    }

    [Fact]
    public async Task A_negative_reference_is_nacked()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var client = await document.ConnectAsync();
        Assert.Equal("error", (await client.SubmitAsync(client.Op(reference: -5))).Status);
        Assert.Equal(400, (await client.NackAsync()).GetProperty("content").Number("code"));
    }

    [Fact]
    public async Task An_idle_reader_does_not_hold_the_minimum_down()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var reader = await document.ConnectAsync(mode: "read");
        await using var writer = await document.ConnectAsync();
        for (var i = 2; i <= 5; i++)
        {
            await writer.WriteAsync(writer.Op());
            Assert.Equal(i, (await reader.ReceiveThroughAsync(i))[^1].MinimumSequenceNumber());
        }
    }

    [Theory]
    [InlineData("join")]
    [InlineData("leave")]
    [InlineData("summaryAck")]
    [InlineData("summaryNack")]
    [InlineData("noClient")]
    [InlineData("control")]
    public async Task A_client_may_not_send_service_types(string type)
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var client = await document.ConnectAsync();
        await using var victim = await document.ConnectAsync();
        var op = client.Op(type: type);
        op["data"] = $"\"{victim.Id}\"";
        Assert.Equal("error", (await client.SubmitAsync(op)).Status);
        await victim.WriteAsync(victim.Op());
        Assert.Equal(["join", "join", "op"], (await document.ReadDeltasAsync()).Select(message => message.Type()));
    }

    [Theory, InEachFormat]
    public async Task Two_connect_document_on_one_channel_do_not_make_two_clients(ChannelFormat format)
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var client = await document.ConnectAsync(format: format);
        var reply = await client.AskAsync("connect_document", document.ConnectMessage());
        Assert.Equal(("error", "already_connected"), (reply.Status, reply.Response.Text("reason")));

        // The first stays as it is.
        await client.WriteAsync(client.Op());
        Assert.Equal(["join", "op"], (await document.ReadDeltasAsync()).Select(message => message.Type()));
    }

    [Fact]
    public async Task Two_connect_document_at_once_on_one_channel_make_one_client()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var client = await DocumentClient.JoinAsync(document);
        var references = new[]
        {
            await client.PushAsync("connect_document", document.ConnectMessage()),
            await client.PushAsync("connect_document", document.ConnectMessage()),
        };
        Assert.Equal("ok", (await client.ReplyAsync(references[0])).Status);
        Assert.Equal("already_connected", (await client.ReplyAsync(references[1])).Response.Text("reason"));
        Assert.Single(await document.ReadDeltasAsync());
    }

    [Theory]
    [InlineData("write")]
    [InlineData("read")]
    public async Task Initial_clients_include_the_new_client(string mode)
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var client = await document.ConnectAsync(mode: mode);
        Assert.Equal(
            [(client.Id, mode)],
            client.Connected.GetProperty("initialClients").EnumerateArray().Select(other => (other.Text("clientId")!, other.Text("mode")!)));
    }

    [Fact]
    public async Task History_beyond_a_thousand_ops_has_no_hole()
    {
        const int Ops = 2500;
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var writer = await document.ConnectAsync();
        for (var i = 0; i < Ops; i += 500)
        {
            await writer.WriteAsync([.. Enumerable.Range(0, 500).Select(_ => writer.Op())]);
        }

        await using var late = await document.ConnectAsync(mode: "read", lastSeen: 0);
        await writer.WriteAsync(writer.Op());
        var expected = Enumerable.Range(1, Ops + 2).Select(number => (long)number);
        Assert.Equal(expected, (await late.ReceiveThroughAsync(Ops + 2)).SequenceNumbers());
        Assert.Equal(expected, (await document.ReadDeltasAsync()).SequenceNumbers());
    }

    [Fact]
    public async Task A_summary_ack_has_a_number_of_its_own_and_comes_after_its_summarize_op()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var client = await document.ConnectAsync();
        var handle = await new SummaryUpload(document).UploadAsync("one");
        await client.WriteAsync(client.Op(SummaryUpload.Contents(handle, ""), type: "summarize"));
        var ack = await client.ReceiveAsync(message => message.Type() == "summaryAck");
        await client.WriteAsync(client.Op("after"));
        await client.ReceiveThroughAsync(4);

        Assert.Equal(
            [("join", 1L), ("summarize", 2L), ("summaryAck", 3L), ("op", 4L)],
            client.Received.Select(message => (message.Type()!, message.SequenceNumber())));
        Assert.Equal(2, ack.GetProperty("contents").GetProperty("summaryProposal").Number("summarySequenceNumber"));
        Assert.Equal(3, (await client.EventAsync("summaryAck")).SequenceNumber());
    }

    [Fact]
    public async Task Client_ids_never_repeat_and_can_not_be_guessed()
    {
        await using var server = await LeveeTestServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        var document = await TestDocument.CreateAsync(server);
        var ids = new HashSet<string>();
        for (var start = 0; start < 2; start++)
        {
            for (var i = 0; i < 10; i++)
            {
                await using var client = await document.ConnectAsync(mode: i % 2 == 0 ? "read" : "write");
                Assert.True(ids.Add(client.Id), $"{client.Id} came twice.");
                // Version 4: 122 random bits.
                Assert.Equal(4, Guid.Parse(client.Id).Version);
            }

            await server.RestartAsync(TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task A_restart_keeps_every_op_and_every_number()
    {
        await using var server = await LeveeTestServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        var document = await TestDocument.CreateAsync(server);
        var before = new List<string>();
        for (var start = 0; start < 3; start++)
        {
            await using var client = await document.ConnectAsync(lastSeen: before.Count);
            await client.WriteAsync(client.Op($"{start}-1"), client.Op($"{start}-2"));
            await server.RestartAsync(TestContext.Current.CancellationToken);

            var stored = await document.ReadDeltasAsync();
            Assert.Equal(before, stored.Take(before.Count).Select(message => message.GetRawText()));
            Assert.Equal(Enumerable.Range(1, 4 * (start + 1)).Select(number => (long)number), stored.SequenceNumbers());
            Assert.Equal(["join", "op", "op", "leave"], stored.Skip(before.Count).Select(message => message.Type()));
            before = [.. stored.Select(message => message.GetRawText())];
        }
    }

    [Fact]
    public async Task A_restart_after_a_summary_goes_on_after_the_last_op_and_not_after_the_summary()
    {
        await using var server = await LeveeTestServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        var document = await TestDocument.CreateAsync(server);
        await using (var client = await document.ConnectAsync())
        {
            var handle = await new SummaryUpload(document).UploadAsync("one");
            await client.WriteAsync(client.Op(SummaryUpload.Contents(handle, ""), type: "summarize"));
            await client.EventAsync("summaryAck");
            await client.WriteAsync(client.Op(), client.Op());
        }

        var head = await document.ReadHeadAsync();
        await server.RestartAsync(TestContext.Current.CancellationToken);
        await using var back = await document.ConnectAsync(lastSeen: 0);
        Assert.Equal(Enumerable.Range(1, 7).Select(number => (long)number), (await back.ReceiveThroughAsync(7)).SequenceNumbers());
        Assert.Equal(head, back.Connected.GetProperty("summaryContext").Text("handle"));
        Assert.Equal(2, back.Connected.GetProperty("summaryContext").Number("sequenceNumber"));
    }
}
