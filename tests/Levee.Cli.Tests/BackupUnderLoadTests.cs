using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Levee.Client;
using Levee.Identity;
using Levee.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Levee.Cli.Tests;

/// <summary>A backup of a running server with clients that write, and a server started on it.</summary>
public sealed class BackupUnderLoadTests : IDisposable
{
    private const string Initial =
        """{"type":1,"tree":{".app":{"type":1,"tree":{"a":{"type":2,"content":"from the start"}}},".protocol":{"type":1,"tree":{}}}}""";

    private static readonly string[] Documents = ["first", "second", "third"];

    private readonly string _directory = Directory.CreateTempSubdirectory("levee-load-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("backup")]
    [InlineData("backup.tar")]
    public async Task Has_all_that_was_acknowledged_before_it_began_and_nothing_that_never_was(string name)
    {
        await using var source = await LeveeTestServer.StartAsync(cancellationToken: Ct);
        var tenant = await RegisterTenantAsync(source);
        using var stop = new CancellationTokenSource();
        var acknowledged = new ConcurrentDictionary<string, ConcurrentQueue<string>>(
            Documents.Select(document => KeyValuePair.Create(document, new ConcurrentQueue<string>())));
        using var levee = source.CreateClient(tenant: tenant);
        var writing = await Task.WhenAll(Documents.Select(document => StartWriterAsync(levee, document, acknowledged[document], stop.Token)));
        await UntilAsync(() => acknowledged.Values.All(own => own.Count >= 50));

        var before = acknowledged.ToDictionary(own => own.Key, own => own.Value.ToArray());
        (await CliRun.RunAsync("backup", "--data", source.DataDirectory, "--to", In(name))).Done();
        // The writers were neither stopped nor cut meanwhile, and go on.
        await UntilAsync(() => acknowledged.All(own => own.Value.Count > before[own.Key].Length + 10));
        await stop.CancelAsync();
        await Task.WhenAll(writing);

        var restored = (await CliRun.RunAsync("restore", "--from", In(name), "--data", In("new"))).Done();
        Assert.Contains("3 documents, 1 tenant and ", restored.Output, StringComparison.Ordinal);
        await using var copy = await LeveeTestServer.StartAsync(new Dictionary<string, string> { ["data"] = In("new") }, Ct);
        foreach (var document in Documents)
        {
            // Signed with a secret that only the backup's keys open.
            var (log, original) = (await ReadLogAsync(copy, tenant, document), await ReadLogAsync(source, tenant, document));
            Assert.Equal(log, original.Take(log.Count));
            Assert.Equal(Enumerable.Range(1, log.Count).Select(n => (long)n), log.Select(NumberOf));
            var texts = log.Select(ContentsOf).ToHashSet();
            Assert.All(before[document], text => Assert.Contains(text, texts));
            await LoadsAsync(copy, tenant, document);
        }
    }

    private static async Task<TestTenant> RegisterTenantAsync(LeveeTestServer server)
    {
        var outcome = await server.Services.GetRequiredService<TenantDirectory>().CreateAsync("Registered", Ct);
        var tenant = Assert.IsType<TenantChanged>(outcome).Tenant;
        return new TestTenant(tenant.Id, tenant.Secret1);
    }

    private static async Task<Task> StartWriterAsync(
        LeveeClient levee, string document, ConcurrentQueue<string> acknowledged, CancellationToken stop)
    {
        await levee.CreateDocumentAsync(document, Encoding.UTF8.GetBytes(Initial), Ct);
        var connection = await levee.ConnectAsync(document, cancellationToken: Ct);
        return Task.Run(
            async () =>
            {
                await using (connection)
                {
                    for (var i = 0; !stop.IsCancellationRequested; i++)
                    {
                        await connection.SubmitAsync($"{document} {i}", Ct);
                        acknowledged.Enqueue($"{document} {i}");
                    }
                }
            },
            Ct);
    }

    private static async Task<List<string>> ReadLogAsync(LeveeTestServer server, TestTenant tenant, string document)
    {
        using var http = Http(server, tenant, document);
        var log = new List<string>();
        while (true)
        {
            using var page = JsonDocument.Parse(await http.GetStringAsync($"/deltas/{tenant.Id}/{document}?from={log.Count}", Ct));
            var count = log.Count;
            log.AddRange(page.RootElement.GetProperty("value").EnumerateArray().Select(message => message.GetRawText()));
            if (log.Count == count)
            {
                return log;
            }
        }
    }

    /// <summary>The head and what it points to are there, and the document takes ops.</summary>
    private static async Task LoadsAsync(LeveeTestServer server, TestTenant tenant, string document)
    {
        using var http = Http(server, tenant, document);
        using var versions = JsonDocument.Parse(await http.GetStringAsync($"/repos/{tenant.Id}/commits?sha={document}&count=1", Ct));
        var version = Assert.Single(versions.RootElement.EnumerateArray());
        var tree = version.GetProperty("commit").GetProperty("tree").GetProperty("sha").GetString();
        using var entries = JsonDocument.Parse(await http.GetStringAsync($"/repos/{tenant.Id}/git/trees/{tree}?recursive=1", Ct));
        Assert.NotEmpty(entries.RootElement.GetProperty("tree").EnumerateArray());

        using var levee = server.CreateClient(tenant: tenant);
        await using var connection = await levee.ConnectAsync(document, cancellationToken: Ct);
        await connection.SubmitAsync("after the restore", Ct);
    }

    private static HttpClient Http(LeveeTestServer server, TestTenant tenant, string document)
    {
        var http = new HttpClient { BaseAddress = server.Url };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", TestTokens.FullAccess(document, tenant));
        return http;
    }

    private static long NumberOf(string message)
    {
        using var json = JsonDocument.Parse(message);
        return json.RootElement.GetProperty("sequenceNumber").GetInt64();
    }

    private static string ContentsOf(string message)
    {
        using var json = JsonDocument.Parse(message);
        return json.RootElement.TryGetProperty("contents", out var contents) && contents.ValueKind == JsonValueKind.String
            ? contents.GetString()!
            : "";
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        patience.CancelAfter(TimeSpan.FromSeconds(120));
        while (!holds())
        {
            await Task.Delay(10, patience.Token);
        }
    }

    private string In(string name) => Path.Combine(_directory, name);
}
