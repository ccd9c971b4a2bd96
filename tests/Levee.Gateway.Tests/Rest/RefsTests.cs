using System.Net;
using System.Text.Json.Nodes;
using Levee.Protocol;
using Levee.Protocol.Git;
using Levee.Sessions;

namespace Levee.Gateway.Tests.Rest;

public sealed class RefsTests(RestServer server) : IClassFixture<RestServer>
{
    private const string Refs = "/repos/acme/git/refs";
    private const string Nowhere = "00000000000000000000000000000000000000ff";

    private readonly string _token = server.Token("d");

    [Theory]
    [InlineData("Production")]
    [InlineData("Development")]
    public async Task A_path_without_a_name_is_answered_as_any_wrong_name_in_whichever_environment(string environment)
    {
        await using var other = await RestServer.StartAsync(environment);
        var body = new JsonObject { ["sha"] = new string('a', 40), ["force"] = true };
        var error = await other.ExpectErrorAsync(400, "PATCH", "/repos/acme/git/refs/", other.Token("doc"), body);
        Assert.StartsWith("ref must be ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_ref_is_made_once_read_listed_and_moved_forward()
    {
        var (one, two) = await TwoCommitsAsync();
        var name = "refs/heads/" + RestServer.NewId();
        var made = await server.ExpectAsync(201, "POST", Refs, _token, new JsonObject { ["ref"] = name, ["sha"] = one });
        Assert.Equal(
            $$$"""{"ref":"{{{name}}}","url":"{{{server.Address}}}/repos/acme/git/{{{name}}}","object":{"sha":"{{{one}}}","type":"commit","url":"{{{server.Address}}}/repos/acme/git/commits/{{{one}}}"}}""",
            made.ToJsonString());
        Assert.Equal(
            "Ref already exists", await server.ExpectErrorAsync(409, "POST", Refs, _token, new JsonObject { ["ref"] = name, ["sha"] = one }));
        foreach (var path in new[] { $"/repos/acme/git/{name}", $"{Refs}/{name}", $"{Refs}/{Uri.EscapeDataString(name[5..])}" })
        {
            Assert.Equal(made.ToJsonString(), (await server.ExpectAsync(200, "GET", path, _token)).ToJsonString());
        }

        await server.ExpectAsync(200, "PATCH", $"/repos/acme/git/{name}", _token, new JsonObject { ["sha"] = two });
        Assert.Equal(two, await TargetAsync(name));
        var list = await server.ExpectAsync(200, "GET", Refs, _token);
        Assert.Contains(list.AsArray(), found => (string)found!["ref"]! == name && (string)found["object"]!["sha"]! == two);
    }

    [Fact]
    public async Task Only_force_moves_a_ref_backwards()
    {
        var (one, two) = await TwoCommitsAsync();
        var name = "refs/tags/" + RestServer.NewId();
        await server.ExpectAsync(200, "PATCH", $"/repos/acme/git/{name}", _token, new JsonObject { ["sha"] = two });
        Assert.Equal(
            "Update is not a fast-forward; use force to move the ref anyway",
            await server.ExpectErrorAsync(409, "PATCH", $"/repos/acme/git/{name}", _token, new JsonObject { ["sha"] = one }));
        Assert.Equal(two, await TargetAsync(name));
        await server.ExpectAsync(200, "PATCH", $"/repos/acme/git/{name}", _token, new JsonObject { ["sha"] = one, ["force"] = true });
        Assert.Equal(one, await TargetAsync(name));
    }

    [Fact]
    public async Task The_head_of_a_document_is_granted_in_words_and_does_not_move()
    {
        var id = RestServer.NewId();
        var token = server.Token(id);
        var summary = JsonNode.Parse("""{"type":1,"tree":{"a":{"type":2,"content":"b"}}}""");
        await server.ExpectAsync(201, "POST", "/documents/acme", token, new JsonObject { ["id"] = id, ["summary"] = summary });
        var head = await TargetAsync("refs/heads/" + id, id);
        var (one, _) = await TwoCommitsAsync();
        var answer = await server.ExpectAsync(
            200, "PATCH", $"{Refs}/heads/{id}", token, new JsonObject { ["sha"] = one, ["force"] = true });
        Assert.Equal(one, (string)answer["object"]!["sha"]!);
        Assert.Equal(head, await TargetAsync("refs/heads/" + id, id));
        await server.ExpectErrorAsync(409, "POST", Refs, token, new JsonObject { ["ref"] = "refs/heads/" + id, ["sha"] = one });
    }

    [Fact]
    public async Task The_head_and_the_versions_of_another_document_are_not_to_be_read()
    {
        var (id, other) = (RestServer.NewId(), RestServer.NewId());
        var summary = JsonNode.Parse("""{"type":1,"tree":{"a":{"type":2,"content":"b"}}}""");
        await server.ExpectAsync(201, "POST", "/documents/acme", server.Token(id), new JsonObject { ["id"] = id, ["summary"] = summary });
        foreach (var token in new[] { server.Token(other), server.Token("") })
        {
            foreach (var path in new[] { $"{Refs}/heads/{id}", $"/repos/acme/commits?sha={id}" })
            {
                Assert.Equal("Token not valid for this document", await server.ExpectErrorAsync(403, "GET", path, token));
            }

            Assert.DoesNotContain((await server.ExpectAsync(200, "GET", Refs, token)).AsArray(), IsHead);
        }

        Assert.Contains((await server.ExpectAsync(200, "GET", Refs, server.Token(id))).AsArray(), IsHead);

        bool IsHead(JsonNode? found) => (string)found!["ref"]! == "refs/heads/" + id;
    }

    [Fact]
    public async Task A_document_without_summary_gets_no_head_that_way()
    {
        var id = RestServer.NewId();
        await server.CreateDocumentAsync(id);
        var (one, _) = await TwoCommitsAsync();
        await server.ExpectAsync(200, "PATCH", $"{Refs}/heads/{id}", _token, new JsonObject { ["sha"] = one });
        await server.ExpectAsync(201, "POST", Refs, _token, new JsonObject { ["ref"] = "refs/heads/" + id, ["sha"] = one });
        await server.ExpectErrorAsync(404, "GET", $"{Refs}/heads/{id}", _token);
    }

    [Fact]
    public async Task Of_many_who_make_a_ref_one_succeeds()
    {
        var (one, _) = await TwoCommitsAsync();
        var body = new JsonObject { ["ref"] = "refs/heads/" + RestServer.NewId(), ["sha"] = one }.ToJsonString();
        var statuses = await Task.WhenAll(Enumerable.Range(0, 16).Select(async _ =>
        {
            using var response = await server.SendJsonAsync("POST", Refs, _token, body);
            return response.StatusCode;
        }));
        Assert.Single(statuses, HttpStatusCode.Created);
        Assert.Equal(15, statuses.Count(status => status == HttpStatusCode.Conflict));
    }

    [Fact]
    public async Task Moves_without_force_never_undo_each_other()
    {
        // Sixteen commits on one base: once a ref is on one of them, no other descends from it.
        var (one, _) = await TwoCommitsAsync();
        var tree = await server.PostTreeAsync(_token);
        var name = "refs/heads/" + RestServer.NewId();
        await server.ExpectAsync(200, "PATCH", $"/repos/acme/git/{name}", _token, new JsonObject { ["sha"] = one });
        var children = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => server.PostCommitAsync(_token, tree, $"child {i}", one)));
        var moved = await Task.WhenAll(children.Select(async child =>
        {
            using var response = await server.SendJsonAsync("PATCH", $"/repos/acme/git/{name}", _token, $$"""{"sha":"{{child}}"}""");
            Assert.Contains(response.StatusCode, new[] { HttpStatusCode.OK, HttpStatusCode.Conflict });
            return response.StatusCode == HttpStatusCode.OK ? child : null;
        }));
        Assert.Equal(await TargetAsync(name), Assert.Single(moved, child => child is not null));
    }

    [Fact]
    public async Task Forced_moves_all_succeed_and_the_ref_is_where_one_of_them_put_it()
    {
        var tree = await server.PostTreeAsync(_token);
        var name = "refs/heads/" + RestServer.NewId();
        var commits = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => server.PostCommitAsync(_token, tree, $"rival {i}")));
        await Task.WhenAll(commits.Select(commit =>
            server.ExpectAsync(200, "PATCH", $"/repos/acme/git/{name}", _token, new JsonObject { ["sha"] = commit, ["force"] = true })));
        Assert.Contains(await TargetAsync(name), commits);
    }

    [Theory]
    [InlineData("refs")]
    [InlineData("refs/")]
    [InlineData("heads/x")]
    [InlineData("refs/heads/")]
    [InlineData("refs//x")]
    [InlineData("refs/../x")]
    [InlineData("refs/heads/a b")]
    [InlineData("refs/heads/é")]
    public async Task A_name_of_another_form_is_refused(string name)
    {
        var (one, _) = await TwoCommitsAsync();
        var error = await server.ExpectErrorAsync(400, "POST", Refs, _token, new JsonObject { ["ref"] = name, ["sha"] = one });
        Assert.Equal($"ref must be {RefName.Form}", error);
    }

    [Theory]
    [InlineData("POST", "", """{"sha":"x"}""", "Missing required field: ref")]
    [InlineData("POST", "", """{"ref":"refs/heads/x"}""", "Missing required field: sha")]
    [InlineData("POST", "", """{"ref":"refs/heads/x","sha":"x"}""", "sha must be 40 hexadecimal digits")]
    [InlineData("POST", "", """{"ref":"refs/heads/x","sha":"00000000000000000000000000000000000000ff"}""", "There is no commit " + Nowhere)]
    [InlineData("PATCH", "/heads/x", """{}""", "Missing required field: sha")]
    [InlineData("PATCH", "/heads/x", """{"sha":"00000000000000000000000000000000000000ff"}""", "There is no commit " + Nowhere)]
    [InlineData("PATCH", "/heads/x", """{"sha":"00000000000000000000000000000000000000ff","force":1}""", "force must be true or false")]
    [InlineData("PATCH", "/heads/a%20b", """{"sha":"00000000000000000000000000000000000000ff"}""", "ref must be " + RefName.Form)]
    public async Task A_body_of_another_shape_is_refused_by_name(string method, string path, string body, string error) =>
        Assert.Equal(error, await server.ExpectErrorAsync(400, method, Refs + path, _token, JsonNode.Parse(body)));

    [Fact]
    public async Task An_unknown_ref_is_not_found() =>
        Assert.Equal("Ref not found", await server.ExpectErrorAsync(404, "GET", $"{Refs}/heads/{RestServer.NewId()}", _token));

    [Fact]
    public async Task A_ref_that_stood_where_a_document_is_created_gives_way()
    {
        var id = RestServer.NewId();
        var (one, _) = await TwoCommitsAsync();
        await server.ExpectAsync(200, "PATCH", $"{Refs}/heads/{id}", _token, new JsonObject { ["sha"] = one });
        await server.ExpectAsync(201, "POST", "/documents/acme", server.Token(id), new JsonObject { ["id"] = id });
        var target = await server.Store.FindRefAsync("acme", "refs/heads/" + id, TestContext.Current.CancellationToken);
        Assert.Null(target);
    }

    [Fact]
    public async Task So_many_refs_that_no_listing_may_have_them_are_refused_in_one_piece()
    {
        var (one, _) = await TwoCommitsAsync();
        Assert.True(ObjectId.TryParse(one, out var target));
        await Task.WhenAll(Enumerable.Range(0, ObjectLimits.MaxListedRefs).Select(i =>
            server.Store.UpdateRefAsync("other", $"refs/tags/{i}", null, target, TestContext.Current.CancellationToken).AsTask()));
        var listed = await server.ExpectAsync(200, "GET", "/repos/other/git/refs", server.ForeignToken("d"));
        Assert.Equal(ObjectLimits.MaxListedRefs, listed.AsArray().Count);
        await server.Store.UpdateRefAsync("other", "refs/tags/more", null, target, TestContext.Current.CancellationToken);
        Assert.Equal(
            "The tenant has more than 10000 refs: read them one by one",
            await server.ExpectErrorAsync(400, "GET", "/repos/other/git/refs", server.ForeignToken("d")));
    }

    private async Task<string> TargetAsync(string name, string document = "d") =>
        (string)(await server.ExpectAsync(200, "GET", $"/repos/acme/git/{name}", server.Token(document, Scopes.DocRead)))["object"]!["sha"]!;

    private async Task<(string One, string Two)> TwoCommitsAsync()
    {
        var tree = await server.PostTreeAsync(_token);
        var one = await server.PostCommitAsync(_token, tree, "one");
        return (one, await server.PostCommitAsync(_token, tree, "two", one));
    }
}
