using System.Text.Json;
using System.Text.Json.Nodes;
using Levee.Testing;

namespace Levee.Server.Tests.Documents;

/// <summary><c>submitSignal</c> and <c>signal</c>: forms, targets, and the service's own join and leave signals of readers.</summary>
public sealed class SignalTests(LeveeServerFixture fixture) : IClassFixture<LeveeServerFixture>
{
    private const string Marker = """{"content":"marker"}""";

    /// <summary>A batch, who of <c>B</c> and <c>C</c> gets it, and the content.</summary>
    public static TheoryData<string, string, string> Rows() => new()
    {
        // V1 envelopes.
        { """{"address":"a","contents":{"type":"t","content":{"x":1}},"clientBroadcastSignalSequenceNumber":1}""", "BC", """{"x":1}""" },
        { """{"address":null,"contents":{"type":"t","content":"text"}}""", "BC", "\"text\"" },

        // V2, plain.
        { """{"content":{"x":[1,2]}}""", "BC", """{"x":[1,2]}""" },
        { """{"content":1,"type":"t","clientConnectionNumber":3,"referenceSequenceNumber":1}""", "BC", "1" },
        { """{"content":null}""", "BC", "null" },
        { """{"content":1,"targetClientId":"B"}""", "B", "1" },
        { """{"content":1,"targetClientId":"C","type":"t"}""", "C", "1" },
        { """{"content":1,"targetClientId":"nobody"}""", "", "1" },
        { """{"content":1,"targetClientId":"A"}""", "", "1" },
        { """{"content":1,"targetClientId":null}""", "BC", "1" },

        // V2, wrapped.
        { """{"signal":{"content":1}}""", "BC", "1" },
        { """{"signal":{"content":1,"targetClientId":"B"}}""", "B", "1" },
        { """{"signal":{"content":1},"targetedClients":["B"]}""", "B", "1" },
        { """{"signal":{"content":1},"targetedClients":["B","C","A","nobody"]}""", "BC", "1" },
        { """{"signal":{"content":1},"targetedClients":[]}""", "", "1" },
        { """{"signal":{"content":1},"ignoredClients":["B"]}""", "C", "1" },
        { """{"signal":{"content":1},"ignoredClients":["A","nobody"]}""", "BC", "1" },
        { """{"signal":{"content":1},"ignoredClients":[]}""", "BC", "1" },

        // Precedence: targetedClients, ignoredClients, targetClientId, everybody.
        { """{"signal":{"content":1},"targetedClients":["B"],"ignoredClients":["B"]}""", "B", "1" },
        { """{"signal":{"content":1,"targetClientId":"C"},"targetedClients":["B"]}""", "B", "1" },
        { """{"signal":{"content":1,"targetClientId":"B"},"ignoredClients":["B"]}""", "C", "1" },

        // Lists, and JSON strings.
        { """[{"content":1,"targetClientId":"B"}]""", "B", "1" },
        { "\"{\\\"content\\\":1,\\\"targetClientId\\\":\\\"C\\\"}\"", "C", "1" },
        { "\"[{\\\"content\\\":1}]\"", "BC", "1" },
        { "\"just text\"", "BC", "\"just text\"" },
    };

    [Theory, MemberData(nameof(Rows))]
    public async Task A_signal_reaches_whom_it_is_for_and_never_its_sender(string batch, string receivers, string content)
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var a = await document.ConnectAsync();
        await using var b = await document.ConnectAsync(format: ChannelFormat.MessagePack);
        await using var c = await document.ConnectAsync(mode: "read", format: ChannelFormat.Legacy);
        // The reader's join was told to the other two.
        await a.EventAsync("signal");
        await b.EventAsync("signal");

        var named = batch.Replace("\"A", $"\"{a.Id}").Replace("\"B", $"\"{b.Id}").Replace("\"C", $"\"{c.Id}");
        await SendAsync(a, $"[{named}]");
        await SendAsync(a, $"[{Marker}]");
        await SendAsync(b, $"[{Marker}]");

        foreach (var (client, name) in new[] { (b, 'B'), (c, 'C') })
        {
            if (receivers.Contains(name))
            {
                Json.AssertEqual(Json.Of($$"""{"clientId":"{{a.Id}}","content":{{content}}}"""), await client.EventAsync("signal"));
            }

            await AssertMarkerAsync(client, a);
        }

        await AssertMarkerAsync(a, b);
        await a.AssertNoneAsync("signal");
    }

    [Fact]
    public async Task Many_signals_in_many_batches_keep_their_order()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var a = await document.ConnectAsync();
        await using var b = await document.ConnectAsync();
        await SendAsync(a, """[{"content":1},[{"content":2},{"content":3}],"[{\"content\":4},{\"content\":5}]",{"content":6}]""");
        for (var i = 1; i <= 6; i++)
        {
            Assert.Equal(i, (await b.EventAsync("signal")).Number("content"));
        }
    }

    [Fact]
    public async Task Signals_are_neither_sequenced_nor_stored()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var a = await document.ConnectAsync();
        await SendAsync(a, $"[{Marker}]");
        await a.WriteAsync(a.Op());
        Assert.Equal(["join", "op"], (await document.ReadDeltasAsync()).Select(message => message.Type()));
    }

    [Fact]
    public async Task A_reader_may_signal()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var a = await document.ConnectAsync();
        await using var reader = await document.ConnectAsync(TestTokens.ReadOnly(document.Id), "read");
        await a.EventAsync("signal");
        await SendAsync(reader, $"[{Marker}]");
        await AssertMarkerAsync(a, reader);
    }

    [Fact]
    public async Task A_signal_in_anothers_name_is_dropped()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var a = await document.ConnectAsync();
        await using var b = await document.ConnectAsync();
        foreach (var name in new[] { b.Id, "nobody" })
        {
            var reply = await a.AskAsync("submitSignal", new { clientId = name, contentBatches = new[] { new { content = 1 } } });
            Assert.Equal(("error", "client_id_mismatch"), (reply.Status, reply.Response.Text("reason")));
        }

        await SendAsync(a, $"[{Marker}]");
        await AssertMarkerAsync(b, a);
        await b.AssertNoneAsync("signal");
    }

    [Fact]
    public async Task A_signal_before_connect_document_is_dropped()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var b = await document.ConnectAsync();
        await using var stranger = await DocumentClient.JoinAsync(document);
        var reply = await stranger.AskAsync("submitSignal", new { clientId = b.Id, contentBatches = new[] { new { content = 1 } } });
        Assert.Equal(("error", "not_authenticated"), (reply.Status, reply.Response.Text("reason")));
        await b.WriteAsync(b.Op());
        await b.AssertNoneAsync("signal");
    }

    [Theory]
    [InlineData("""{"clientId":"ID"}""")]
    [InlineData("""{"clientId":"ID","contentBatches":"x"}""")]
    [InlineData("""{"clientId":"ID","contentBatches":[{"content":1,"targetClientId":7}]}""")]
    [InlineData("""{"clientId":"ID","contentBatches":[{"signal":{"content":1},"targetedClients":"x"}]}""")]
    [InlineData("""{"clientId":"ID","contentBatches":[{"signal":{"content":1},"ignoredClients":[1]}]}""")]
    [InlineData("""{"clientId":"ID","contentBatches":[[[1]]]}""")]
    public async Task A_malformed_signal_is_refused_and_hurts_nobody(string payload)
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var a = await document.ConnectAsync();
        await using var b = await document.ConnectAsync();
        var reply = await a.ReplyAsync(await a.PushRawAsync("submitSignal", payload.Replace("ID", a.Id)));
        Assert.Equal(("error", "malformed"), (reply.Status, reply.Response.Text("reason")));
        await SendAsync(a, $"[{Marker}]");
        await AssertMarkerAsync(b, a);
        await b.AssertNoneAsync("signal");
    }

    [Fact]
    public async Task Readers_joins_and_leaves_are_signals_of_the_service_to_the_others()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var writer = await document.ConnectAsync();
        await using var reader = await document.ConnectAsync(mode: "read");

        var join = await writer.EventAsync("signal");
        Assert.Equal(["clientId", "content"], join.MemberNames());
        Assert.Equal(JsonValueKind.Null, join.GetProperty("clientId").ValueKind);
        var content = Json.Of(join.Text("content")!);
        Json.AssertEqual(
            Json.Of(new
            {
                type = "join",
                content = new
                {
                    clientId = reader.Id,
                    client = reader.Connected.GetProperty("initialClients").EnumerateArray().Single(
                    client => client.Text("clientId") == reader.Id).GetProperty("client")
                },
            }),
            content);

        await reader.LeaveAsync();
        var leave = await writer.EventAsync("signal");
        Assert.Equal(JsonValueKind.Null, leave.GetProperty("clientId").ValueKind);
        Json.AssertEqual(Json.Of(new { type = "leave", content = reader.Id }), Json.Of(leave.Text("content")!));
        await reader.AssertNoneAsync("signal");
        Assert.Single(await document.ReadDeltasAsync());
    }

    [Fact]
    public async Task Writers_joins_and_leaves_are_ops_and_no_signals()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var first = await document.ConnectAsync();
        await using var second = await document.ConnectAsync();
        await second.LeaveAsync();
        await first.ReceiveAsync(message => message.IsJoinOf(second.Id));
        await first.ReceiveAsync(message => message.IsLeaveOf(second.Id));
        await first.WriteAsync(first.Op());
        await first.AssertNoneAsync("signal");
    }

    private static async Task SendAsync(DocumentClient client, string batches)
    {
        var payload = JsonNode.Parse($$"""{"clientId":"{{client.Id}}","contentBatches":{{batches}}}""")!;
        var reply = await client.AskAsync("submitSignal", payload);
        Assert.True(reply.Status == "ok", reply.ToString());
    }

    private static async Task AssertMarkerAsync(DocumentClient client, DocumentClient sender) =>
        Json.AssertEqual(Json.Of(new { clientId = sender.Id, content = "marker" }), await client.EventAsync("signal"));
}
