using System.Text.Encodings.Web;
using System.Text.Json;
using Levee.Server.Tests.Documents;
using Levee.Testing;

namespace Levee.Server.Tests.SocketIo;

/// <summary>Signals between stock clients of both forms, the audience's joins and leaves, and signals across the dialects.</summary>
public sealed class SignalTests(LeveeServerFixture fixture) : IClassFixture<LeveeServerFixture>
{
    private const string Envelope = """{"address":"A","contents":{"type":"t","content":{"x": 1}},"clientBroadcastSignalSequenceNumber":1}""";

    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Fact]
    public async Task A_broadcast_reaches_everybody_and_its_sender_as_it_was_sent()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var a = await StockClient.ConnectAsync(document);
        await using var b = await StockClient.ConnectAsync(document, signalsV2: false);
        await using var c = await StockClient.ConnectAsync(document, mode: "read");
        await a.SignalAsync(new { content = Envelope, clientConnectionNumber = 1, referenceSequenceNumber = 2, other = new { x = 1 } });
        foreach (var client in (StockClient[])[a, b, c])
        {
            Json.AssertEqual(
                Json.Of(new { content = Envelope, clientConnectionNumber = 1, referenceSequenceNumber = 2, other = new { x = 1 }, clientId = a.Id }),
                await client.SignalFromAsync(a.Id));
        }
    }

    [Fact]
    public async Task A_client_can_neither_forge_a_sender_nor_send_the_type_on_which_others_throw()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var a = await StockClient.ConnectAsync(document);
        await using var b = await StockClient.ConnectAsync(document);
        await a.Socket.SendAsync(
            $$"""42["submitSignal","{{a.Id}}",[{"clientId":null,"content":"{}","type":"join","\u0063lientId":"{{b.Id}}"}]]""",
            TestContext.Current.CancellationToken);
        Json.AssertEqual(Json.Of(new { content = Enveloped("{}"), clientId = a.Id }), await b.SignalFromAsync(a.Id));
    }

    [Fact]
    public async Task V1_signals_are_texts_and_reach_clients_of_both_forms_in_order()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var a = await StockClient.ConnectAsync(document, signalsV2: false);
        await using var b = await StockClient.ConnectAsync(document);
        await a.SignalAsync(new[] { "1", "2" }, new[] { "3" }, "4");
        foreach (var client in (StockClient[])[a, b])
        {
            for (var i = 1; i <= 4; i++)
            {
                Json.AssertEqual(Json.Of(new { content = Enveloped($"{i}"), clientId = a.Id }), await client.SignalFromAsync(a.Id));
            }
        }
    }

    [Fact]
    public async Task A_targeted_signal_reaches_its_target_alone_and_an_unknown_target_is_no_error()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var a = await StockClient.ConnectAsync(document);
        await using var b = await StockClient.ConnectAsync(document);
        await using var c = await StockClient.ConnectAsync(document, mode: "read");
        await using var channel = await document.ConnectAsync();
        await a.SignalAsync(
            new { content = Envelope, targetClientId = c.Id },
            new { content = Envelope, targetClientId = "nobody" },
            new { content = Envelope, targetClientId = channel.Id },
            new { content = "marker" });
        Json.AssertEqual(Json.Of(new { content = Envelope, targetClientId = c.Id, clientId = a.Id }), await c.SignalFromAsync(a.Id));
        foreach (var client in (StockClient[])[a, b, c])
        {
            Assert.Equal(Enveloped("marker"), (await client.SignalFromAsync(a.Id)).Text("content"));
        }

        Json.AssertEqual(Json.Of(new { clientId = a.Id, content = new { x = 1 } }), await channel.EventAsync("signal"));
        Json.AssertEqual(Json.Of(new { clientId = a.Id, content = "marker" }), await channel.EventAsync("signal"));
        await a.AssertNoneAsync("nack");
    }

    [Fact]
    public async Task Readers_may_signal()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var a = await StockClient.ConnectAsync(document);
        await using var reader = await StockClient.ConnectAsync(document, TestTokens.ReadOnly(document.Id), "read");
        await reader.SignalAsync(new { content = Envelope });
        Assert.Equal(Envelope, (await a.SignalFromAsync(reader.Id)).Text("content"));
    }

    [Theory]
    [InlineData("write", true)]
    [InlineData("read", true)]
    [InlineData("write", false)]
    [InlineData("read", false)]
    public async Task Joins_and_leaves_of_writers_and_readers_of_both_dialects_are_signals(string mode, bool isStock)
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var watcher = await StockClient.ConnectAsync(document);
        Assert.Equal("join", (await watcher.AudienceAsync()).Type);
        string id;
        if (isStock)
        {
            await using var stock = await StockClient.ConnectAsync(document, mode: mode);
            id = stock.Id;
            var own = await stock.AudienceAsync();
            Assert.Equal(("join", id), (own.Type, own.ClientId));
        }
        else
        {
            await using var channel = await document.ConnectAsync(mode: mode);
            id = channel.Id;
        }

        var join = await watcher.AudienceAsync();
        Assert.Equal(("join", id, mode), (join.Type, join.ClientId, join.Content.GetProperty("client").Text("mode")));
        var leave = await watcher.AudienceAsync();
        Assert.Equal(("leave", id), (leave.Type, leave.ClientId));
    }

    [Fact]
    public async Task Of_a_stock_clients_coming_and_going_channel_clients_hear_as_of_their_own()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var channel = await document.ConnectAsync();
        string readerId, writerId;
        await using (var reader = await StockClient.ConnectAsync(document, mode: "read"))
        await using (var writer = await StockClient.ConnectAsync(document))
        {
            (readerId, writerId) = (reader.Id, writer.Id);
            await channel.ReceiveAsync(message => message.IsJoinOf(writerId));
        }

        await channel.ReceiveAsync(message => message.IsLeaveOf(writerId));
        var join = Json.Of((await channel.EventAsync("signal")).Text("content")!);
        Assert.Equal(("join", readerId), (join.Type(), join.GetProperty("content").Text("clientId")));
        Json.AssertEqual(
            Json.Of(new { type = "leave", content = readerId }), Json.Of((await channel.EventAsync("signal")).Text("content")!));
    }

    [Theory]
    [InlineData(Envelope, Envelope)]
    [InlineData("""{"content":{"x": 1},"type":"t"}""", """{"contents":{"type":"t","content":{"x": 1}}}""")]
    [InlineData("""{"signal":{"content":1,"type":"t"},"ignoredClients":["nobody"]}""", """{"contents":{"type":"t","content":1}}""")]
    [InlineData("\"just text\"", """{"contents":{"type":"","content":"just text"}}""")]
    [InlineData("""{"content":"{\"contents\":{\"content\":1}}"}""", """{"contents":{"content":1}}""")]
    public async Task What_a_channel_client_sends_stock_clients_get_as_the_text_of_an_envelope(string batch, string envelope)
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var stock = await StockClient.ConnectAsync(document);
        await using var channel = await document.ConnectAsync();
        await using var other = await document.ConnectAsync();
        await channel.PushRawAsync("submitSignal", $$"""{"clientId":"{{channel.Id}}","contentBatches":[{{batch}}]}""");
        Json.AssertEqual(Json.Of(new { content = envelope, clientId = channel.Id }), await stock.SignalFromAsync(channel.Id));
        Assert.Equal(channel.Id, (await other.EventAsync("signal")).Text("clientId"));
    }

    [Fact]
    public async Task A_channel_client_may_target_a_stock_client()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var stock = await StockClient.ConnectAsync(document);
        await using var bystander = await StockClient.ConnectAsync(document);
        await using var channel = await document.ConnectAsync();
        await channel.SignalAsync(new { content = 1, targetClientId = stock.Id });
        await channel.SignalAsync(new { signal = new { content = 2 }, ignoredClients = new[] { bystander.Id } });
        await channel.SignalAsync(new { content = 3 });
        Json.AssertEqual(
            Json.Of(new { content = """{"contents":{"type":"","content":1}}""", targetClientId = stock.Id, clientId = channel.Id }),
            await stock.SignalFromAsync(channel.Id));
        Assert.Equal("""{"contents":{"type":"","content":2}}""", (await stock.SignalFromAsync(channel.Id)).Text("content"));
        foreach (var client in (StockClient[])[stock, bystander])
        {
            Assert.Equal("""{"contents":{"type":"","content":3}}""", (await client.SignalFromAsync(channel.Id)).Text("content"));
        }
    }

    [Theory, InEachFormat]
    public async Task What_a_stock_client_sends_channel_clients_get_out_of_its_envelope(ChannelFormat format)
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var stock = await StockClient.ConnectAsync(document);
        await using var old = await StockClient.ConnectAsync(document, signalsV2: false);
        await using var channel = await document.ConnectAsync(format: format);
        await stock.SignalAsync(new { content = Envelope });
        await stock.SignalAsync(new { content = "no JSON" });
        Json.AssertEqual(Json.Of(new { clientId = stock.Id, content = new { x = 1 } }), await channel.EventAsync("signal"));
        Json.AssertEqual(Json.Of(new { clientId = stock.Id, content = "no JSON" }), await channel.EventAsync("signal"));
        await old.SignalAsync(new object[] { new[] { Envelope } });
        Json.AssertEqual(Json.Of(new { clientId = old.Id, content = new { x = 1 } }), await channel.EventAsync("signal"));
    }

    /// <summary>What becomes of a text that no stock runtime could read without ending its container.</summary>
    private static string Enveloped(string text) => JsonSerializer.Serialize(new { contents = new { type = "", content = text } }, Relaxed);
}
