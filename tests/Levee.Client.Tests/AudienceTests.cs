using System.Text;
using System.Text.Json.Nodes;
using Levee.Protocol;
using Levee.Testing;

namespace Levee.Client.Tests;

public sealed class AudienceTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(WireFormat.Json, ConnectionMode.Write)]
    [InlineData(WireFormat.Json, ConnectionMode.Read)]
    [InlineData(WireFormat.MessagePack, ConnectionMode.Write)]
    [InlineData(WireFormat.MessagePack, ConnectionMode.Read)]
    public async Task A_client_sees_itself_at_once(WireFormat format, ConnectionMode mode)
    {
        await using var server = await LeveeTestServer.StartAsync(cancellationToken: Ct);
        using var client = Client(server, "ann", format);
        var id = await client.CreateDocumentAsync(cancellationToken: Ct);

        await using var document = await client.ConnectAsync(id, mode, Ct);

        var self = document.Audience.Self;
        Assert.NotNull(self);
        Assert.Equal([self.ClientId], document.Audience.Members.Keys);
        Assert.Equal((document.Connection.ClientId, mode, "ann"), (self.ClientId, self.Mode, self.UserId));
        Assert.Equal("""{"id":"ann","name":"ann"}""", Encoding.UTF8.GetString(self.UserJson.Span));
        Assert.True(JsonNode.Parse(self.ClientJson.Span)!["details"]!["capabilities"]!["interactive"]!.GetValue<bool>());
    }

    [Theory]
    [InlineData(WireFormat.Json)]
    [InlineData(WireFormat.MessagePack)]
    public async Task Writers_and_readers_see_each_other_come_and_go(WireFormat format)
    {
        await using var server = await LeveeTestServer.StartAsync(cancellationToken: Ct);
        using var ann = Client(server, "ann", format);
        using var bob = Client(server, "bob", format);
        var id = await ann.CreateDocumentAsync(cancellationToken: Ct);
        await using var writer = await ann.ConnectAsync(id, cancellationToken: Ct);
        await using var reader = await ann.ConnectAsync(id, ConnectionMode.Read, Ct);
        await Task.WhenAll(writer.SeesAsync(IdOf(writer), IdOf(reader)), reader.SeesAsync(IdOf(writer), IdOf(reader)));
        List<string>[] news = [NewsOf(writer), NewsOf(reader)];

        foreach (var mode in new[] { ConnectionMode.Write, ConnectionMode.Read })
        {
            var other = await bob.ConnectAsync(id, mode, Ct);
            string[] all = [IdOf(writer), IdOf(reader), IdOf(other)];
            await Task.WhenAll(writer.SeesAsync(all), reader.SeesAsync(all), other.SeesAsync(all));
            Assert.Equal((mode, "bob"), (writer.Audience.Members[IdOf(other)].Mode, reader.Audience.Members[IdOf(other)].UserId));
            await other.DisposeAsync();
            await Task.WhenAll(writer.SeesAsync(all[..2]), reader.SeesAsync(all[..2]));
        }

        string[] expected = ["bob joined to Write", "bob left", "bob joined to Read", "bob left"];
        Assert.All(news, seen => Assert.Equal(expected, seen));
    }

    [Fact]
    public async Task The_number_of_a_join_is_known_to_whoever_received_it_before_it_is_read()
    {
        await using var server = await LeveeTestServer.StartAsync(cancellationToken: Ct);
        using var client = server.CreateClient();
        var id = await client.CreateDocumentAsync(cancellationToken: Ct);
        await using var first = await client.ConnectAsync(id, cancellationToken: Ct);
        var own = (await first.ReadUntilAsync(IsJoinOf(first)))[^1];
        Assert.Equal(own.SequenceNumber, first.Audience.Self!.JoinSequenceNumber);

        await using var second = await client.ConnectAsync(id, cancellationToken: Ct);
        await using var reader = await client.ConnectAsync(id, ConnectionMode.Read, Ct);
        var join = (await first.ReadUntilAsync(IsJoinOf(second)))[^1];

        Assert.Equal(join.SequenceNumber, first.Audience.Members[IdOf(second)].JoinSequenceNumber);
        Assert.Null(second.Audience.Members[IdOf(first)].JoinSequenceNumber);
        await first.SeesAsync(IdOf(first), IdOf(second), IdOf(reader));
        Assert.Null(first.Audience.Members[IdOf(reader)].JoinSequenceNumber);
    }

    [Theory]
    [InlineData(WireFormat.Json)]
    [InlineData(WireFormat.MessagePack)]
    public async Task After_a_time_away_the_audience_is_who_is_there_then_and_the_difference_is_told_once(WireFormat format)
    {
        await using var server = await LeveeTestServer.StartAsync(cancellationToken: Ct);
        await using var proxy = await SocketProxy.StartAsync(server.Url, Ct);
        using var ann = Client(server, "ann", format, proxy.Url);
        using var others = server.CreateClient();
        var id = await others.CreateDocumentAsync(cancellationToken: Ct);
        await using var document = await ann.ConnectAsync(id, cancellationToken: Ct);
        await using var stays = await others.ConnectAsync(id, cancellationToken: Ct);
        await using var goes = await ConnectAsync(server, "writer gone", id);
        await using var readerGoes = await ConnectAsync(server, "reader gone", id, ConnectionMode.Read);
        string[] before = [IdOf(document), IdOf(stays), IdOf(goes), IdOf(readerGoes)];
        await document.SeesAsync(before);
        var staysJoined = document.Audience.Members[IdOf(stays)].JoinSequenceNumber;
        var news = NewsOf(document);

        // The next thing that the server says ends the connection, and there is no other for a while.
        proxy.FromClient = frame => frame.Contains("connect_document", StringComparison.Ordinal) ? Verdict.Cut : Verdict.Pass;
        proxy.FromServer = frame => frame.Contains("cut here", StringComparison.Ordinal) ? Verdict.Cut : Verdict.Pass;
        await stays.SubmitAsync("cut here", Ct).Soon();
        await document.ReachesAsync(LeveeConnectionState.Reconnecting);
        await goes.DisposeAsync();
        await readerGoes.DisposeAsync();
        await using (var passing = await ConnectAsync(server, "passing", id))
        {
            await stays.SeesAsync(IdOf(stays), IdOf(passing));
        }

        await using var comes = await ConnectAsync(server, "writer new", id);
        await using var readerComes = await ConnectAsync(server, "reader new", id, ConnectionMode.Read);
        await stays.SeesAsync(IdOf(stays), IdOf(comes), IdOf(readerComes));
        Assert.Equal(before, document.Audience.Members.Keys, SameMembers);
        Assert.Equal(before[0], document.Audience.Self!.ClientId);
        Assert.Empty(news);
        proxy.FromServer = proxy.FromClient = _ => Verdict.Pass;
        await document.ReachesAsync(LeveeConnectionState.Connected);

        Assert.Equal([IdOf(comes), IdOf(document), IdOf(readerComes), IdOf(stays)], document.Audience.Members.Keys, SameMembers);
        Assert.Equal(IdOf(document), document.Audience.Self!.ClientId);
        Assert.NotEqual(before[0], IdOf(document));
        Assert.NotNull(staysJoined);
        Assert.Equal(staysJoined, document.Audience.Members[IdOf(stays)].JoinSequenceNumber);

        // The missed messages tell again of those who came and went: of them nothing is heard twice, or late.
        await stays.SubmitAsync("last", Ct).Soon();
        var read = await document.ReadUntilAsync(message => message.Type == MessageType.Op && message.ReadContents<string>() == "last");
        var join = read.Single(IsJoinOf(comes));
        Assert.True(join.SequenceNumber <= document.Connection.CheckpointSequenceNumber);
        Assert.Equal(join.SequenceNumber, document.Audience.Members[IdOf(comes)].JoinSequenceNumber);
        string[] expected =
        [
            "ann joined to Write", "ann left", "reader gone left", "reader new joined to Read", "writer gone left", "writer new joined to Write",
        ];
        Assert.Equal(expected, news.Order());
        Assert.Equal([IdOf(comes), IdOf(document), IdOf(readerComes), IdOf(stays)], document.Audience.Members.Keys, SameMembers);
    }

    [Theory]
    [InlineData(WireFormat.Json)]
    [InlineData(WireFormat.MessagePack)]
    public async Task After_a_restart_of_the_server_nobody_is_there_who_was_before_it(WireFormat format)
    {
        await using var server = await LeveeTestServer.StartAsync(cancellationToken: Ct);
        using var client = Client(server, "ann", format);
        var id = await client.CreateDocumentAsync(cancellationToken: Ct);
        await using var writer = await client.ConnectAsync(id, cancellationToken: Ct);
        await using var reader = await client.ConnectAsync(id, ConnectionMode.Read, Ct);
        string[] before = [IdOf(writer), IdOf(reader)];
        await Task.WhenAll(writer.SeesAsync(before), reader.SeesAsync(before));

        await server.StopAsync(Ct);
        await Task.WhenAll(writer.ReachesAsync(LeveeConnectionState.Reconnecting), reader.ReachesAsync(LeveeConnectionState.Reconnecting));
        // A server that stops in good order makes its writers leave, and may have told so.
        Assert.All([writer, reader], document => Assert.Subset(before.ToHashSet(), document.Audience.Members.Keys.ToHashSet()));
        await server.StartAgainAsync(Ct);
        await Task.WhenAll(writer.ReachesAsync(LeveeConnectionState.Connected), reader.ReachesAsync(LeveeConnectionState.Connected));

        string[] after = [IdOf(writer), IdOf(reader)];
        await Task.WhenAll(writer.SeesAsync(after), reader.SeesAsync(after));
        Assert.Empty(after.Intersect(before));
    }

    [Fact]
    public async Task What_the_service_signals_of_readers_is_no_signal_for_the_application()
    {
        await using var server = await LeveeTestServer.StartAsync(cancellationToken: Ct);
        using var client = server.CreateClient();
        var id = await client.CreateDocumentAsync(cancellationToken: Ct);
        await using var document = await client.ConnectAsync(id, cancellationToken: Ct);
        var reader = await client.ConnectAsync(id, ConnectionMode.Read, Ct);
        await document.SeesAsync(IdOf(document), IdOf(reader));
        await reader.SendSignalAsync("hello", cancellationToken: Ct);
        await reader.DisposeAsync();
        await document.SeesAsync(IdOf(document));
        await document.DisposeAsync();

        var signal = Assert.Single(await document.ReadSignalsAsync(Ct).ToListAsync(Ct));
        Assert.Equal((IdOf(reader), "hello"), (signal.ClientId, signal.ReadContent<string>()));
    }

    [Fact]
    public async Task A_handler_that_throws_ends_the_document_with_its_exception()
    {
        await using var server = await LeveeTestServer.StartAsync(cancellationToken: Ct);
        using var client = server.CreateClient();
        var id = await client.CreateDocumentAsync(cancellationToken: Ct);
        await using var document = await client.ConnectAsync(id, cancellationToken: Ct);
        document.Audience.MemberJoined += member => throw new NotSupportedException(member.ClientId);

        await using var other = await client.ConnectAsync(id, ConnectionMode.Read, Ct);

        var e = await Assert.ThrowsAsync<NotSupportedException>(() => document.Completion.Soon());
        Assert.Equal(IdOf(other), e.Message);
    }

    [Theory]
    [InlineData(WireFormat.Json, ConnectionMode.Write)]
    [InlineData(WireFormat.Json, ConnectionMode.Read)]
    [InlineData(WireFormat.MessagePack, ConnectionMode.Write)]
    [InlineData(WireFormat.MessagePack, ConnectionMode.Read)]
    public async Task A_record_as_deep_as_the_server_takes_keeps_nobody_out(WireFormat format, ConnectionMode mode)
    {
        await using var server = await LeveeTestServer.StartAsync(cancellationToken: Ct);
        using var client = Client(server, "ann", format);
        using var deep = Client(server, "deep", change: options => options with { ClientDetails = new JsonObject { ["deep"] = Nested(61) } });
        var id = await client.CreateDocumentAsync(cancellationToken: Ct);
        await using var before = await client.ConnectAsync(id, cancellationToken: Ct);

        await using var there = await deep.ConnectAsync(id, mode, Ct);
        await using var after = await client.ConnectAsync(id, cancellationToken: Ct);

        string[] all = [IdOf(before), IdOf(there), IdOf(after)];
        await Task.WhenAll(before.SeesAsync(all), there.SeesAsync(all), after.SeesAsync(all));
    }

    private static LeveeClient Client(
        LeveeTestServer server,
        string user,
        WireFormat format = WireFormat.Json,
        Uri? url = null,
        Func<LeveeClientOptions, LeveeClientOptions>? change = null) => server.CreateClient(options =>
    {
        var own = options with
        {
            ServerUrl = url ?? server.Url,
            Format = format,
            TokenProvider = (document, _) =>
                ValueTask.FromResult(TestTokens.Mint(document, [Scopes.DocRead, Scopes.DocWrite], userId: user)),
        };
        return change is null ? own : change(own);
    });

    private static async Task<LeveeDocument> ConnectAsync(
        LeveeTestServer server, string user, string id, ConnectionMode mode = ConnectionMode.Write)
    {
        using var client = Client(server, user);
        return await client.ConnectAsync(id, mode, Ct);
    }

    private static string IdOf(LeveeDocument document) => document.Connection.ClientId;

    private static Func<SequencedMessage, bool> IsJoinOf(LeveeDocument document) => message =>
        message.Type == MessageType.Join && SystemMessage.ReadJoin(message.Envelope)!.ClientId == IdOf(document);

    private static bool SameMembers(IEnumerable<string> expected, IEnumerable<string> actual) => expected.ToHashSet().SetEquals(actual);

    private static List<string> NewsOf(LeveeDocument document)
    {
        var news = new List<string>();
        document.Audience.MemberJoined += member => news.Add($"{member.UserId} joined to {member.Mode}");
        document.Audience.MemberLeft += member => news.Add($"{member.UserId} left");
        return news;
    }

    private static JsonArray Nested(int levels) => levels == 1 ? [] : [Nested(levels - 1)];
}
