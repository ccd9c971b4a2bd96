using System.Net.Http.Headers;
using System.Net.Http.Json;
using Levee.Protocol;
using Levee.Testing;

namespace Levee.Client.Tests;

/// <summary>A client whose token ends asks for another and goes on, losing nothing; one that gets no good one says why.</summary>
public sealed class TokenTests
{
    private const string AdminKey = "admin-key-of-the-tests-0123456789abcdef";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(WireFormat.Json)]
    [InlineData(WireFormat.MessagePack)]
    public async Task Ops_submitted_while_tokens_expire_are_sequenced_exactly_once_and_read_without_gap(WireFormat format)
    {
        await using var server = await LeveeTestServer.StartAsync(cancellationToken: Ct);
        using var direct = server.CreateClient();
        var id = await direct.CreateDocumentAsync(cancellationToken: Ct);
        var tokens = 0;
        using var client = server.CreateClient(options => options with
        {
            Format = format,
            TokenProvider = (document, _) =>
            {
                tokens++;
                return ValueTask.FromResult(TestTokens.Mint(document, ["doc:read", "doc:write"], lifetime: TimeSpan.FromSeconds(4)));
            },
        });
        await using var writer = await client.ConnectAsync(id, cancellationToken: Ct);
        await using var reader = await direct.ConnectAsync(id, ConnectionMode.Read, Ct);
        var read = reader.ReadUntilAsync(message => message.Type == MessageType.Op && message.ReadContents<string>() == "end");
        var own = writer.ReadUntilAsync(message => message.Type == MessageType.Op && message.ReadContents<string>() == "end");

        var sent = 0;
        while (Volatile.Read(ref tokens) < 4)
        {
            await writer.SubmitAsync($"op {sent++}", Ct).Soon();
        }

        await writer.SubmitAsync("end", Ct).Soon();

        var expected = Enumerable.Range(0, sent).Select(i => $"op {i}").Append("end").ToList();
        Assert.Equal(expected, (await read.Soon()).OpTexts());
        Assert.Equal(expected, (await own.Soon()).OpTexts());
        Assert.Equal(LeveeConnectionState.Connected, reader.State);
    }

    [Fact]
    public async Task A_revoked_client_asks_for_a_fresh_token_and_goes_on()
    {
        await using var server = await StartAsync();
        using var direct = server.CreateClient();
        var id = await direct.CreateDocumentAsync(cancellationToken: Ct);
        var tokens = 0;
        // The first is of ten minutes ago, and the one that the provider still had at hand, too.
        using var client = server.CreateClient(options => options with
        {
            TokenProvider = (document, _) => ValueTask.FromResult(
                ++tokens <= 2 ? Old(document) : TestTokens.FullAccess(document)),
        });
        await using var document = await client.ConnectAsync(id, cancellationToken: Ct);
        await document.SubmitAsync("before", Ct).Soon();
        var firstId = document.Connection.ClientId;

        var reconnecting = document.ReachesAsync(LeveeConnectionState.Reconnecting);
        await RevokeAsync(server, new { tenantId = TestTenants.Default.Id, userId = "test-user" });
        await reconnecting;
        await document.SubmitAsync("after", Ct).Soon();

        Assert.Equal(3, tokens);
        Assert.NotEqual(firstId, document.Connection.ClientId);
        Assert.Equal(["before", "after"], (await document.ReadOpsAsync(2)).OpTexts());
    }

    [Fact]
    public async Task A_client_that_gets_no_other_token_ends_and_says_why()
    {
        await using var server = await StartAsync();
        using var direct = server.CreateClient();
        var id = await direct.CreateDocumentAsync(cancellationToken: Ct);
        using var client = server.CreateClient(options => options with { TokenProvider = (document, _) => ValueTask.FromResult(Old(document)) });
        await using var document = await client.ConnectAsync(id, cancellationToken: Ct);

        await RevokeAsync(server, new { tenantId = TestTenants.Default.Id });

        var refused = await Assert.ThrowsAsync<LeveeRefusedException>(() => document.Completion.Soon());
        Assert.Equal((401, "token_revoked"), (refused.Code, refused.Reason));
        Assert.Equal(LeveeConnectionState.Closed, document.State);
    }

    private static Task<LeveeTestServer> StartAsync() =>
        LeveeTestServer.StartAsync(new Dictionary<string, string> { ["LEVEE_ADMIN_KEY"] = AdminKey }, Ct);

    private static string Old(string document) => TestTokens.Mint(document, ["doc:read", "doc:write"], lifetime: TimeSpan.FromMinutes(50));

    private static async Task RevokeAsync(LeveeTestServer server, object revocation)
    {
        using var http = new HttpClient { BaseAddress = server.Url };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", AdminKey);
        using var answer = await http.PostAsJsonAsync("/api/admin/revocations", revocation, Ct);
        answer.EnsureSuccessStatusCode();
    }
}
