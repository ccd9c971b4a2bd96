namespace Levee.Gateway.Tests.Rest;

public sealed class DeltasTests(RestServer server) : IClassFixture<RestServer>
{
    [Theory]
    [InlineData("", 1, 5)]
    [InlineData("?from=0&to=5", 1, 5)]
    [InlineData("?from=2&to=4", 3, 4)]
    [InlineData("?from=2", 3, 5)]
    [InlineData("?to=2", 1, 2)]
    [InlineData("?from=-1", 1, 5)]
    [InlineData("?from=4&to=99", 5, 5)]
    [InlineData("?from=5", 1, 0)]
    [InlineData("?from=4&to=2", 1, 0)]
    [InlineData("?from=9223372036854775807", 1, 0)]
    [InlineData("?from=-9223372036854775808&to=9223372036854775807&fetchReason=x", 1, 5)]
    public async Task Serves_the_stored_bytes_from_exclusive_to_inclusive(string query, int first, int last)
    {
        var id = RestServer.NewId();
        await server.CreateDocumentAsync(id, messages: 5);
        using var response = await server.SendAsync("GET", $"/deltas/acme/{id}{query}", server.Token(id));
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var messages = Enumerable.Range(first, last - first + 1).Select(number => RestServer.Message(number));
        Assert.Equal($$"""{"value":[{{string.Join(',', messages)}}]}""", text);
    }

    [Fact]
    public async Task A_page_has_at_most_two_thousand_messages()
    {
        var id = RestServer.NewId();
        await server.CreateDocumentAsync(id, messages: 2500);
        Assert.Equal(Enumerable.Range(1, 2000), await ReadAsync(id, ""));
        Assert.Equal(Enumerable.Range(2001, 500), await ReadAsync(id, "?from=2000"));
    }

    [Fact]
    public async Task A_page_of_large_messages_is_whole_although_it_is_read_in_pieces()
    {
        var id = RestServer.NewId();
        // 20 MB, forty times what is read at a time.
        await server.CreateDocumentAsync(id, messages: 200, padding: 100_000);
        Assert.Equal(Enumerable.Range(1, 200), await ReadAsync(id, ""));
    }

    [Theory]
    [InlineData("?from=x", "from must be an integer")]
    [InlineData("?from=", "from must be an integer")]
    [InlineData("?from=1.5", "from must be an integer")]
    [InlineData("?from=1&from=2", "from must be an integer")]
    [InlineData("?to=1e3", "to must be an integer")]
    [InlineData("?to=99999999999999999999", "to must be an integer")]
    public async Task Bounds_that_are_no_integers_are_refused(string query, string error)
    {
        var id = RestServer.NewId();
        await server.CreateDocumentAsync(id);
        Assert.Equal(error, await server.ExpectErrorAsync(400, "GET", $"/deltas/acme/{id}{query}", server.Token(id)));
    }

    [Fact]
    public async Task A_token_for_one_document_does_not_read_another()
    {
        var id = RestServer.NewId();
        await server.CreateDocumentAsync(id, messages: 1);
        await server.ExpectErrorAsync(403, "GET", $"/deltas/acme/{id}", server.Token(RestServer.NewId()));
        await server.ExpectErrorAsync(403, "GET", $"/deltas/acme/{id}", server.Token(""));
    }

    private async Task<IEnumerable<int>> ReadAsync(string id, string query)
    {
        var answer = await server.ExpectAsync(200, "GET", $"/deltas/acme/{id}{query}", server.Token(id));
        return answer["value"]!.AsArray().Select(message => (int)message!["sequenceNumber"]!);
    }
}
