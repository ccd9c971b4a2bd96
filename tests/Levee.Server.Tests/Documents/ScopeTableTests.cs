using System.Net;
using Levee.Testing;

namespace Levee.Server.Tests.Documents;

/// <summary>
/// The contract's table of scopes, section 1: every set of scopes against every operation. An operation either does what it says, or is
/// refused by name; each returns which.
/// </summary>
public sealed class ScopeTableTests(LeveeServerFixture fixture) : IClassFixture<LeveeServerFixture>
{
    private static readonly string[] All = ["doc:read", "doc:write", "summary:read", "summary:write"];

    private static readonly Dictionary<string, (string[] Needed, Func<TestDocument, string, Task<bool>> Try)> Operations = new()
    {
        ["join"] = ([], JoinAsync),
        ["connect to read"] = (["doc:read"], (document, token) => ConnectAsync(document, token, "read")),
        ["connect to write"] = (["doc:read", "doc:write"], (document, token) => ConnectAsync(document, token, "write")),
        ["submitOp"] = (["doc:read", "doc:write"], SubmitAsync),
        ["receive broadcasts"] = (["doc:read"], ReceiveAsync),
        ["requestOps"] = (["doc:read"], RequestOpsAsync),
        ["read deltas"] = (["doc:read"], ReadDeltasAsync),
        ["write blobs"] = (["doc:read", "summary:write"], WriteBlobAsync),
        ["write trees"] = (["doc:read", "summary:write"], WriteTreeAsync),
        ["write commits"] = (["doc:read", "summary:write"], WriteCommitAsync),
        ["write refs"] = (["doc:read", "summary:write"], WriteRefAsync),
        ["summarize"] = (["doc:read", "doc:write", "summary:write"], SummarizeAsync),
    };

    public static TheoryData<string, string> Rows()
    {
        var rows = new TheoryData<string, string>();
        for (var set = 0; set < 1 << All.Length; set++)
        {
            var scopes = string.Join(' ', All.Where((_, i) => (set & (1 << i)) != 0));
            foreach (var operation in Operations.Keys)
            {
                rows.Add(operation, scopes);
            }
        }

        return rows;
    }

    [Theory, MemberData(nameof(Rows))]
    public async Task An_operation_needs_exactly_its_scopes(string operation, string scopes)
    {
        var granted = scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var (needed, attempt) = Operations[operation];
        var document = await TestDocument.CreateAsync(fixture.Server);
        Assert.Equal(needed.All(granted.Contains), await attempt(document, TestTokens.Mint(document.Id, granted)));
    }

    private static async Task<bool> JoinAsync(TestDocument document, string token)
    {
        await using var socket = await DocumentClient.JoinAsync(document);
        return true;
    }

    private static async Task<bool> ConnectAsync(TestDocument document, string token, string mode)
    {
        await using var client = await TryConnectAsync(document, token, mode);
        return client.IsConnected;
    }

    private static async Task<bool> SubmitAsync(TestDocument document, string token)
    {
        await using var client = await TryConnectAsync(document, token, "write");
        if (client.IsConnected)
        {
            await client.WriteAsync(client.Op());
            await client.ReceiveAsync(message => message.Type() == "op");
            return true;
        }

        Assert.Equal("not_authenticated", (await SubmitUnconnectedAsync(client)).Response.Text("reason"));
        Assert.Empty(await document.ReadDeltasAsync());
        return false;
    }

    private static async Task<bool> ReceiveAsync(TestDocument document, string token)
    {
        await using var client = await TryConnectAsync(document, token, "read");
        await using var writer = await document.ConnectAsync();
        await writer.WriteAsync(writer.Op("news"));
        await writer.ReceiveAsync(message => message.Type() == "op");
        if (client.IsConnected)
        {
            await client.ReceiveAsync(message => message.Type() == "op");
            return true;
        }

        // Whatever was sent to it would have come before the reply.
        await SubmitUnconnectedAsync(client);
        await client.AssertNoneAsync("op");
        await client.AssertNoneAsync("signal");
        return false;
    }

    private static async Task<bool> RequestOpsAsync(TestDocument document, string token)
    {
        await using var writer = await document.ConnectAsync();
        await using var client = await TryConnectAsync(document, token, "read");
        var reply = await client.AskAsync("requestOps", new { from = 0 });
        if (client.IsConnected)
        {
            await client.ReceiveAsync(message => message.IsJoinOf(writer.Id));
        }
        else
        {
            Assert.Equal("not_authenticated", reply.Response.Text("reason"));
            await client.AssertNoneAsync("op");
        }

        return reply.Status == "ok";
    }

    private static async Task<bool> ReadDeltasAsync(TestDocument document, string token) =>
        IsAllowed(await document.SendAsync(HttpMethod.Get, $"/deltas/{document.Tenant}/{document.Id}", token: token), HttpStatusCode.OK);

    private static Task<bool> WriteBlobAsync(TestDocument document, string token) =>
        PostAsync(document, token, "blobs", new { content = "x", encoding = "utf-8" });

    private static async Task<bool> WriteTreeAsync(TestDocument document, string token)
    {
        var blob = await new SummaryUpload(document).WriteBlobAsync("x");
        return await PostAsync(document, token, "trees", new { tree = new[] { new { path = "x", mode = "100644", sha = blob, type = "blob" } } });
    }

    private static async Task<bool> WriteCommitAsync(TestDocument document, string token)
    {
        var tree = await new SummaryUpload(document).WriteTreeAsync(("x", "x"));
        return await PostAsync(
            document, token, "commits", new { message = "m", tree, parents = Array.Empty<string>(), author = new { name = "n", email = "e" } });
    }

    private static async Task<bool> WriteRefAsync(TestDocument document, string token)
    {
        var upload = new SummaryUpload(document);
        var sha = await upload.WriteCommitAsync(await upload.WriteTreeAsync(("x", "x")));
        var name = $"refs/heads/plain-{document.Id}";
        var posted = await PostAsync(document, token, "refs", new { @ref = name, sha });
        var moved = IsAllowed(
            await document.SendAsync(HttpMethod.Patch, $"/repos/{document.Tenant}/git/{name}", new { sha, force = true }, token),
            HttpStatusCode.OK);
        Assert.Equal(posted, moved);
        return posted;
    }

    private static async Task<bool> SummarizeAsync(TestDocument document, string token)
    {
        var upload = new SummaryUpload(document);
        var handle = await upload.WriteCommitAsync(await upload.WriteTreeAsync(("x", "x")));
        await using var client = await TryConnectAsync(document, token, "write");
        if (!client.IsConnected)
        {
            return false;
        }

        var reply = await client.SubmitAsync(client.Op(SummaryUpload.Contents(handle, head: ""), type: "summarize"));
        if (reply.Status == "ok")
        {
            await client.EventAsync("summaryAck");
            return true;
        }

        var content = (await client.NackAsync()).GetProperty("content");
        Assert.Equal((403, "InvalidScopeError"), (content.Number("code"), content.Text("type")));
        return false;
    }

    private static async Task<DocumentClient> TryConnectAsync(TestDocument document, string token, string mode)
    {
        var client = await DocumentClient.JoinAsync(document);
        var refusal = await client.TryConnectAsync(document.ConnectMessage(token, mode));
        if (refusal is { } error)
        {
            Assert.Equal((403, "missing_scope"), (error.Number("code"), error.Text("reason")));
        }

        return client;
    }

    private static Task<ChannelFrame> SubmitUnconnectedAsync(DocumentClient client) => client.AskAsync(
        "submitOp", new { clientId = "nobody", messageBatches = new[] { new[] { DocumentClient.NumberedOp(1) } } });

    private static async Task<bool> PostAsync(TestDocument document, string token, string kind, object body) =>
        IsAllowed(await document.SendAsync(HttpMethod.Post, $"/repos/{document.Tenant}/git/{kind}", body, token), HttpStatusCode.Created);

    private static bool IsAllowed(HttpResponseMessage answer, HttpStatusCode success)
    {
        using (answer)
        {
            Assert.True(answer.StatusCode == success || answer.StatusCode == HttpStatusCode.Forbidden, $"{answer.StatusCode}");
            return answer.StatusCode == success;
        }
    }
}
