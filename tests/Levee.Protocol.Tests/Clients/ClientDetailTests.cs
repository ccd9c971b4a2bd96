using System.Text.Json;
using CsCheck;
using static Levee.Protocol.Tests.Sample;

namespace Levee.Protocol.Tests;

/// <summary>The record that others see is the service's word.</summary>
public sealed class ClientDetailTests
{
    private static readonly string[] AllScopes = [Scopes.DocRead, Scopes.DocWrite, Scopes.SummaryWrite];

    [Fact]
    public void User_scopes_and_mode_are_the_services_word_and_the_rest_the_clients()
    {
        var detail = Create("""
            { "details": {"capabilities": {"interactive": true}, "environment": "x"}, "permission": [],
              "user": {"id": "mallory"}, "scopes": ["admin"], "mode": "write", "us\u0065r": 1, "x": 1.0e2 }
            """, ConnectionMode.Read);

        Assert.Equal(
            """{"details":{"capabilities": {"interactive": true}, "environment": "x"},"permission":[],"x":1.0e2,"mode":"read","user":{"id":"ann", "name":"ann"},"scopes":["doc:read","doc:write"]}""",
            Text(detail.Json));
        Assert.Equal(ConnectionMode.Read, detail.Mode);
    }

    [Theory]
    [InlineData("{}", false)]
    [InlineData("""{"details":{}}""", false)]
    [InlineData("""{"details":{"capabilities":{"interactive":true}}}""", false)]
    [InlineData("""{"details":{"capabilities":{"interactive":"false"}}}""", false)]
    [InlineData("""{"details":{"type":"Summarizer"}}""", false)]
    [InlineData("""{"details":{"type":5}}""", false)]
    [InlineData("""{"details":"summarizer"}""", false)]
    [InlineData("""{"type":"summarizer"}""", false)]
    [InlineData("""{"details":{"type":"summarizer"}}""", true)]
    [InlineData("""{"details":{"type":"\u0073ummarizer"}}""", true)]
    [InlineData("""{"details":{"capabilities":{"interactive":true},"type":"summarizer"}}""", true)]
    [InlineData("""{"details":{"capabilities":{"interactive":false}}}""", true)]
    [InlineData("""{"details":{"capabilities":{"interactive": false }}}""", true)]
    public void Only_a_summarizer_shows_the_summary_scope(string client, bool shown)
    {
        var detail = Create(client, ConnectionMode.Write);

        Assert.Equal(shown, detail.MaySummarize);
        Assert.Equal(shown, Text(detail.Json).Contains("summary:write"));
        Assert.Contains("\"doc:read\",\"doc:write\"", Text(detail.Json));
    }

    /// <summary>Stock clients read <c>details.capabilities.interactive</c> of everybody in a document's history, and end where they can not.</summary>
    [Theory]
    [InlineData("{}", """{"capabilities":{"interactive":true}}""")]
    [InlineData("""{"details":null}""", """{"capabilities":{"interactive":true}}""")]
    [InlineData("""{"details":["x"]}""", """{"capabilities":{"interactive":true}}""")]
    [InlineData("""{"details":{"environment":"e"}}""", """{"environment":"e","capabilities":{"interactive":true}}""")]
    [InlineData("""{"details":{"capabilities":null,"type":5}}""", """{"type":5,"capabilities":{"interactive":true}}""")]
    [InlineData("""{"details":{"capabilities":{}},"detail\u0073":7}""", """{"capabilities":{"interactive":true}}""")]
    [InlineData("""{"details":{"type":"summarizer"}}""", """{"type":"summarizer","capabilities":{"interactive":false}}""")]
    [InlineData("""{"details":{"capabilities":{"x":1}}}""", """{"capabilities":{"x":1}}""")]
    public void Every_record_can_be_asked_whether_its_client_is_interactive(string client, string details)
    {
        using var record = JsonDocument.Parse(Create(client, ConnectionMode.Write).Json);

        var only = Assert.Single(record.RootElement.EnumerateObject(), member => member.NameEquals("details"));
        Assert.Equal(details, only.Value.GetRawText());
    }

    [Fact]
    public void A_summarizer_without_the_scope_gets_none()
    {
        var detail = ClientDetail.Create(
            Bytes("""{"details":{"type":"summarizer"},"scopes":["summary:write"]}"""), Bytes("{}"), [Scopes.DocRead], ConnectionMode.Write);

        Assert.False(detail.MaySummarize);
        Assert.DoesNotContain("summary:write", Text(detail.Json));
    }

    [Fact]
    public void Unknown_fields_are_kept_byte_for_byte() => JsonTexts.Value.Array[0, 4].Sample(values =>
    {
        var members = values.Select((value, index) => $"\"x{index}\":{value}").ToArray();

        var detail = Create($"{{{string.Join(" , ", members)}}}", ConnectionMode.Write);

        Assert.StartsWith("{" + string.Concat(members.Select(member => member + ",")) + "\"mode\":\"write\",", Text(detail.Json));
    }, iter: 1000);

    [Theory]
    [InlineData("""{"id":"bob"}""", """{"id":"bob","name":"bob"}""")]
    [InlineData("""{"id":"bob","name":1,"x":[ 2 ]}""", """{"id":"bob","x":[ 2 ],"name":"bob"}""")]
    [InlineData("""{"name":null,"id":"b\u00f6b"}""", """{"id":"b\u00f6b","name":"böb"}""")]
    [InlineData("""{"id":"bob", "name":""}""", """{"id":"bob", "name":""}""")]
    [InlineData("""{"id":"bob", "n\u0061me":"Bob"}""", """{"id":"bob", "n\u0061me":"Bob"}""")]
    public void A_user_without_a_name_has_its_id_for_one(string user, string expected)
    {
        var detail = ClientDetail.Create(Bytes("{}"), Bytes(user), AllScopes, ConnectionMode.Write);

        Assert.True(JsonReading.TryGetMember(detail.Json, "user"u8, out var written));
        Assert.Equal(expected, Text(written));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("\"x\"")]
    [InlineData("null")]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{\"details\":{")]
    [InlineData("{\"\\ud800\":1}")]
    public void What_is_no_client_is_refused(string client) =>
        Assert.NotEmpty(Assert.Throws<MalformedMessageException>(() => Create(client, ConnectionMode.Write)).Message);

    [Fact]
    public void A_client_that_is_nested_deeper_than_a_frame_is_refused() => Assert.Throws<MalformedMessageException>(
        () => Create($$"""{"x":{{new string('[', 80)}}{{new string(']', 80)}}}""", ConnectionMode.Write));

    [Theory]
    [InlineData(ConnectionMode.Read)]
    [InlineData(ConnectionMode.Write)]
    public void What_was_made_is_parsed_back(ConnectionMode mode)
    {
        var made = Create("""{"details":{"type":"summarizer"}}""", mode);

        var parsed = ClientDetail.Parse(made.Json);

        Assert.Equal((made.Mode, made.MaySummarize, Text(made.Json)), (parsed.Mode, parsed.MaySummarize, Text(parsed.Json)));
    }

    [Theory]
    [InlineData("{}", false)]
    [InlineData("""{"scopes":["\ud800","summary:read"]}""", false)]
    [InlineData("""{"scopes":["doc:read","summary:write"]}""", true)]
    public void The_scopes_of_a_stored_record_say_whether_it_may_summarize(string json, bool maySummarize) =>
        Assert.Equal(maySummarize, ClientDetail.Parse(Bytes(json)).MaySummarize);

    private static ClientDetail Create(string client, ConnectionMode mode) =>
        ClientDetail.Create(Bytes(client), Bytes("""{"id":"ann", "name":"ann"}"""), AllScopes, mode);
}
