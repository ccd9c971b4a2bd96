using System.Text;
using Levee.Protocol;

namespace Levee.Client.Tests;

/// <summary>What of the wire makes an audience, where no server of ours says it.</summary>
public sealed class AudienceNewsTests
{
    private const string Writer = """{"mode":"write","user":{"id":"ann"}}""";
    private const string Reader = """{"mode":"read","user":{"id":"ann"}}""";

    private readonly Audience _audience = new();
    private readonly List<string> _news = [];

    public AudienceNewsTests()
    {
        _audience.MemberJoined += member => _news.Add($"+{member.ClientId}");
        _audience.MemberLeft += member => _news.Add($"-{member.ClientId}");
    }

    [Fact]
    public void Joins_and_leaves_up_to_the_checkpoint_are_over()
    {
        Connect(10, ("self", Writer), ("there", Writer));

        Receive(Join(8, "there"), Leave(9, "there"), Join(10, "gone"));
        Receive(Join(11, "new"), Join(12, "self"), Leave(13, "there"), Leave(14, "nobody"));

        Assert.Equal(["+new", "+self", "+there", "-there"], _news.Order(StringComparer.Ordinal));
        Assert.Equal(["new", "self"], _audience.Members.Keys.Order());
        Assert.Equal((11, 12), (_audience.Members["new"].JoinSequenceNumber, _audience.Self!.JoinSequenceNumber));
    }

    [Fact]
    public void Of_those_who_are_there_twice_over_nobody_is_told_twice()
    {
        Connect(10, ("self", Writer), ("twice", Reader), ("twice", Reader));
        Signal("""{"type":"join","content":{"clientId":"twice","client":{"mode":"read"}}}""");
        Receive(Join(11, "self"), Join(12, "self"));
        Connect(12, ("self", Writer), ("twice", Reader));

        Assert.Equal(["+self", "+twice"], _news.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_snapshot_stays_as_it_was()
    {
        Connect(10, ("self", Writer));
        var before = _audience.Members;

        Receive(Join(11, "new"));
        Connect(12, ("again", Writer));

        Assert.Equal(["self"], before.Keys);
        Assert.Equal(["again"], _audience.Members.Keys);
        Assert.Equal("again", _audience.Self!.ClientId);
        Assert.Equal("+self +new -new -self +again", Sorted(_news));
    }

    [Fact]
    public void A_silent_writer_that_the_server_makes_leave_is_not_in_its_own_audience()
    {
        Connect(10, ("self", Writer));

        Receive(Leave(11, "self"));

        Assert.Null(_audience.Self);
    }

    [Theory]
    [InlineData("""{"type":"join","content":{"clientId":"w","client":{"mode":"write"}}}""")]
    [InlineData("""{"type":"leave","content":"self"}""")]
    [InlineData("""{"type":"leave","content":"nobody"}""")]
    [InlineData("""{"type":"leave","content":7}""")]
    [InlineData("""{"type":"leave"}""")]
    [InlineData("""{"type":"join"}""")]
    [InlineData("""{"type":"join","content":{"clientId":7,"client":{"mode":"read"}}}""")]
    [InlineData("""{"type":"join","content":{"clientId":"\ud800","client":{"mode":"read"}}}""")]
    [InlineData("""{"type":"join","content":{"clientId":"r"}}""")]
    public void Signals_of_writers_and_of_nobody_are_taken_and_change_nothing(string text)
    {
        Connect(10, ("self", Writer));

        Assert.True(Signal(text));

        Assert.Equal(["self"], _audience.Members.Keys);
    }

    [Theory]
    [InlineData(null, "\"hello\"")]
    [InlineData(null, "\"\"")]
    [InlineData(null, "null")]
    [InlineData(null, "7")]
    [InlineData(null, """{"type":"other","content":"self"}""")]
    [InlineData(null, """{"type":7,"content":"self"}""")]
    [InlineData("mallory", """{"type":"leave","content":"reader"}""")]
    [InlineData("mallory", """ "{\"type\":\"leave\",\"content\":\"reader\"}" """)]
    public void Every_other_signal_is_the_applications(string? sender, string content)
    {
        Connect(10, ("self", Writer), ("reader", Reader));

        Assert.False(_audience.TryReceive(new LeveeSignal(sender, Encoding.UTF8.GetBytes(content))));

        Assert.Equal(2, _audience.Members.Count);
    }

    [Theory]
    [InlineData("join", "null")]
    [InlineData("join", "\"{\"")]
    [InlineData("join", "\"{}\"")]
    [InlineData("join", """ "{\"clientId\":\"x\"}" """)]
    [InlineData("leave", "null")]
    [InlineData("leave", "\"self\"")]
    public void Joins_and_leaves_that_name_nobody_change_nothing(string type, string data)
    {
        Connect(10, ("self", Writer));

        Receive(System(11, type, data));

        Assert.Equal(["self"], _audience.Members.Keys);
    }

    [Fact]
    public void A_record_of_any_shape_is_a_member()
    {
        Connect(10, ("null", "null"), ("no user", "{}"), ("odd user", """{"user":[1],"mode":3}"""), ("odd id", """{"user":{"id":"\ud800"}}"""));

        Assert.Equal(4, _audience.Members.Count);
        Assert.All(_audience.Members.Values, member => Assert.Equal((null, ConnectionMode.Write), (member.UserId, member.Mode)));
        Assert.Equal("null", Encoding.UTF8.GetString(_audience.Members["no user"].UserJson.Span));
        Assert.Equal("[1]", Encoding.UTF8.GetString(_audience.Members["odd user"].UserJson.Span));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"initialClients":null}""")]
    [InlineData("""{"initialClients":[7]}""")]
    [InlineData("""{"initialClients":[{"clientId":"x"}]}""")]
    [InlineData("""{"initialClients":[{"clientId":7,"client":{}}]}""")]
    [InlineData("""{"initialClients":[""")]
    public void A_welcome_that_does_not_say_who_is_there_is_none(string json) =>
        Assert.Throws<LeveeTransportException>(() => Welcome(json).ReadClients());

    private static LeveeConnectionInfo Welcome(string json) =>
        new("self", ConnectionMode.Write, 0, 1024, null, 0, Encoding.UTF8.GetBytes(json));

    private void Connect(long checkpoint, params (string Id, string Client)[] clients)
    {
        var list = string.Join(',', clients.Select(client => $$"""{"clientId":"{{client.Id}}","mode":"write","client":{{client.Client}} }"""));
        _audience.Connected(clients[0].Id, checkpoint, Welcome($$"""{"initialClients":[{{list}}]}""").ReadClients());
        _audience.Tell();
    }

    private void Receive(params SequencedMessage[] messages)
    {
        Array.ForEach(messages, _audience.Received);
        _audience.Tell();
    }

    private bool Signal(string text)
    {
        var isTaken = _audience.TryReceive(new LeveeSignal(null, JsonWriting.Write(writer => writer.WriteStringValue(text))));
        _audience.Tell();
        return isTaken;
    }

    private static SequencedMessage Join(long sequenceNumber, string clientId) =>
        System(sequenceNumber, "join", $$""" "{\"clientId\":\"{{clientId}}\",\"detail\":{\"mode\":\"write\"} }" """);

    private static SequencedMessage Leave(long sequenceNumber, string clientId) => System(sequenceNumber, "leave", $$""" "\"{{clientId}}\"" """);

    private static SequencedMessage System(long sequenceNumber, string type, string data) => new(Encoding.UTF8.GetBytes($$"""
        {"clientId":null,"clientSequenceNumber":-1,"minimumSequenceNumber":0,"referenceSequenceNumber":-1,
         "sequenceNumber":{{sequenceNumber}},"timestamp":1,"type":"{{type}}","contents":null,"data":{{data}} }
        """));

    /// <summary>Two lists, of those who came and those who went, have no order among themselves.</summary>
    private static string Sorted(List<string> news) => string.Join(' ', [.. news[..2], .. news[2..4].Order(StringComparer.Ordinal), .. news[4..]]);
}
