using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Levee.Client;
using Levee.Testing;

namespace Levee.Server.Tests.Host;

/// <summary>What a server that starts says, and whom it lets in.</summary>
public sealed partial class StartTests : IDisposable
{
    private const string Key = "8c1f27f0a1d84e7c9b31f4f2d9e0aa55";
    private const string Secret = "the words that two people share";

    private static readonly TestTenant Mine = new("my-tenant", Key);

    private readonly string _directory = Directory.CreateTempSubdirectory("levee-host-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string Data => Path.Combine(_directory, "data");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Help_names_the_options_and_starts_nothing()
    {
        await using var run = ServerRun.Start(_directory, ["--help"]);
        Assert.Equal(0, await run.ExitAsync(Ct));
        Assert.All(
            ["--urls", "--data", "--environment", "PORT", "LEVEE_TENANT_ID", "LEVEE_TENANT_KEY", "4000"],
            word => Assert.Contains(word, run.Output, StringComparison.Ordinal));
        Assert.Empty(Directory.GetFileSystemEntries(_directory));
    }

    [Fact]
    public async Task Development_reports_address_data_tenants_and_a_token_that_works()
    {
        await using var run = ServerRun.Start(_directory, ["--urls", "http://127.0.0.1:0", "--data", "data", "--environment", "Development"]);
        var server = await run.ListeningAsync(Ct);
        Assert.Contains("Levee (Development)", run.Output, StringComparison.Ordinal);
        Assert.Contains(Data, run.Output, StringComparison.Ordinal);
        Assert.Contains("dev-tenant, fluid, local, sandbag, tinylicious", run.Output, StringComparison.Ordinal);
        var token = Token().Match(run.Output).Value;

        using var levee = new LeveeClient(new LeveeClientOptions { ServerUrl = server, TenantId = "dev-tenant", Token = token });
        await levee.CreateDocumentAsync("hello", cancellationToken: Ct);
        await using var document = await levee.ConnectAsync("hello", cancellationToken: Ct);
        await document.SubmitAsync("works", Ct);
    }

    [Fact]
    public async Task Production_has_no_built_in_tenants_and_prints_no_token()
    {
        await using var run = ServerRun.Start(_directory, ["--urls", "http://127.0.0.1:0", "--data", Data]);
        var server = await run.ListeningAsync(Ct);
        Assert.Contains("Levee (Production)", run.Output, StringComparison.Ordinal);
        Assert.Contains("none: set LEVEE_TENANT_ID and LEVEE_TENANT_KEY", run.Output, StringComparison.Ordinal);
        Assert.DoesNotMatch(Token(), run.Output);

        await using var client = await ChannelClient.ConnectAsync(server, cancellationToken: Ct);
        await client.JoinAsync("document:dev-tenant:hello", Ct);
        var reference = await client.PushAsync(
            "document:dev-tenant:hello",
            "connect_document",
            new { tenantId = "dev-tenant", id = "hello", token = TestTokens.FullAccess("hello"), client = new { }, mode = "write" },
            Ct);
        var reply = await client.ExpectReplyAsync(reference, "error", cancellationToken: Ct);
        Assert.Equal("unknown_tenant", reply.Response.GetProperty("reason").GetString());
    }

    [Fact]
    public async Task A_tenant_of_the_environment_works_in_production_also_after_a_restart()
    {
        for (var start = 0; start < 2; start++)
        {
            await using var run = StartWithTenant();
            var server = await run.ListeningAsync(Ct);
            Assert.Contains("my-tenant", run.Output, StringComparison.Ordinal);
            using var levee = ClientOf(server);
            await levee.CreateDocumentAsync($"document-{start}", cancellationToken: Ct);
            await using var document = await levee.ConnectAsync("document-0", cancellationToken: Ct);
            await document.SubmitAsync(start, Ct);
        }
    }

    [Fact]
    public async Task PORT_says_where_to_listen()
    {
        var port = FreePort();
        await using var run = ServerRun.Start(
            _directory, ["--data", Data, "--environment", "Development"], ("PORT", port.ToString(CultureInfo.InvariantCulture)));
        await run.ListeningAsync(Ct);
        using var http = new HttpClient();
        Assert.Equal("""{"status":"ok"}""", await http.GetStringAsync($"http://localhost:{port}/health", Ct));
    }

    [Fact]
    public async Task Nothing_secret_reaches_the_log()
    {
        await using var run = StartWithTenant("--Logging:LogLevel:Levee=Trace");
        var server = await run.ListeningAsync(Ct);
        using var levee = ClientOf(server);
        await levee.CreateDocumentAsync("secret", Encoding.UTF8.GetBytes(
            """{"type":1,"tree":{".app":{"type":1,"tree":{"a":{"type":2,"content":"SECRET"}}}}}""".Replace("SECRET", Secret, StringComparison.Ordinal)), Ct);
        await using (var document = await levee.ConnectAsync("secret", cancellationToken: Ct))
        {
            await document.SubmitAsync(Secret, Ct);
            await document.SendSignalAsync(Secret, cancellationToken: Ct);
        }

        string[] tokens =
        [
            TestTokens.FullAccess("secret", Mine), TestTokens.Expired("secret", Mine), TestTokens.WrongSecret("secret", Mine), "no-token-at-all",
        ];
        foreach (var token in tokens)
        {
            await SayEverythingWrongAsync(server, token);
        }

        var log = run.All;
        Assert.Contains("connect_document refused", log, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, log, StringComparison.Ordinal);
        Assert.DoesNotContain(Key, log, StringComparison.Ordinal);
        Assert.All(tokens, token => Assert.DoesNotContain(token, log, StringComparison.Ordinal));
        Assert.DoesNotMatch(Token(), log);
    }

    [GeneratedRegex(@"eyJ[\w-]+\.[\w-]+\.[\w-]+")]
    private static partial Regex Token();

    private static LeveeClient ClientOf(Uri server) => new(new LeveeClientOptions
    {
        ServerUrl = server,
        TenantId = Mine.Id,
        TokenProvider = (documentId, _) => ValueTask.FromResult(TestTokens.FullAccess(documentId, Mine)),
    });

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Requests, frames and ops that are refused, all with the token and the words in them.</summary>
    private static async Task SayEverythingWrongAsync(Uri server, string token)
    {
        using var http = new HttpClient { BaseAddress = server };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var body = new StringContent($$"""{"content":"{{Secret}}","encoding":"{{Secret}}""", Encoding.UTF8, "application/json");
        using var posted = await http.PostAsync($"/repos/{Mine.Id}/git/blobs", body, Ct);
        using var read = await http.GetAsync($"/deltas/{Mine.Id}/secret?from={Secret}&token={token}", Ct);

        const string Topic = "document:my-tenant:secret";
        await using var client = await ChannelClient.ConnectAsync(server, cancellationToken: Ct);
        await client.JoinAsync(Topic, Ct);
        await client.PushAsync(Topic, "submitOp", new { clientId = Secret, messageBatches = Secret }, Ct);
        var reference = await client.PushAsync(
            Topic, "connect_document", new { tenantId = Mine.Id, id = "secret", token, client = new { }, mode = "write" }, Ct);
        var connected = await client.ExpectReplyAsync(reference, cancellationToken: Ct);
        var clientId = connected.Status == "ok" ? connected.Response.GetProperty("clientId").GetString() : Secret;
        foreach (var type in new[] { "join", "op", Secret })
        {
            var op = new { type, contents = Secret, clientSequenceNumber = 5, referenceSequenceNumber = -5 };
            await client.PushAsync(Topic, "submitOp", new { clientId, messageBatches = new object[] { new object[] { op } } }, Ct);
            await client.PushAsync(Topic, "submitOp", new { clientId, messageBatches = new object[] { Secret } }, Ct);
        }

        await client.PushAsync(Topic, "submitSignal", new { clientId, contentBatches = Secret }, Ct);
        await client.PushAsync(Topic, Secret, new { token }, Ct);
        await client.SendTextAsync($"[\"{token}\", {Secret}", Ct);
        await client.ExpectCloseAsync(cancellationToken: Ct);
    }

    private ServerRun StartWithTenant(params string[] arguments) => ServerRun.Start(
        _directory,
        ["--urls", "http://127.0.0.1:0", "--data", Data, .. arguments],
        ("LEVEE_TENANT_ID", Mine.Id),
        ("LEVEE_TENANT_KEY", Mine.Secret));
}
