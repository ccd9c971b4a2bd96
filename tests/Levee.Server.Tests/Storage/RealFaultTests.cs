using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using Levee.Client;
using Levee.Server.Tests.Host;
using Levee.Server.Tests.Restart;
using Levee.Storage.Sqlite;
using Levee.Testing;

namespace Levee.Server.Tests.Storage;

/// <summary>A real server process on a disk that is really full, read-only, locked or damaged.</summary>
public sealed class RealFaultTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("levee-fault-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string Data => Path.Combine(_directory, "data");

    private string Database => Path.Combine(Data, SqliteOptions.FileName);

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_full_disk_stops_writing_and_nothing_else_and_service_returns_with_the_room()
    {
        MountedRun.Require();
        Directory.CreateDirectory(Data);
        await using var run = MountedRun.Start("mount -t tmpfs -o size=4m,mode=700 tmpfs \"$DATA\"", Data, "--Levee:Storage:ProbeInterval=00:00:00.1");
        var server = await run.ListeningAsync(Ct);
        using var health = new HealthProbe(server);
        using var levee = ClientOf(server);
        await levee.CreateDocumentAsync("plan", cancellationToken: Ct);
        await using var document = await levee.ConnectAsync("plan", cancellationToken: Ct);
        for (var i = 0; i < 5; i++)
        {
            await document.SubmitAsync($"before {i}", Ct);
        }

        var filler = Path.Combine(MountedRun.Inside(run, Data), "filler");
        Fill(filler);
        var late = document.SubmitAsync("written when there was room", Ct);
        await health.UntilNotReadyAsync("storage", "full");
        await health.RequireLiveAsync();
        Assert.False(late.IsCompleted);
        await RequireUnavailableAsync(server);
        Assert.Equal(5, (await DocumentLog.ReadAsync(server, "plan", Ct)).Ops.Count);

        File.Delete(filler);
        await health.UntilReadyAsync();
        await late;
        var log = await DocumentLog.ReadAsync(server, "plan", Ct);
        Assert.Equal(
            ["before 0", "before 1", "before 2", "before 3", "before 4", "written when there was room"], log.Ops.Select(op => op.Contents));
        Assert.Contains("Not ready: The write was not kept: the disk is full", run.Output, StringComparison.Ordinal);
        Assert.Contains("Ready again", run.Output, StringComparison.Ordinal);
        // Many tries, one report.
        Assert.Equal(2, run.Output.Split("Not ready: ").Length);
    }

    [Fact]
    public async Task A_full_disk_that_nobody_writes_to_is_found_out_to_have_room_again()
    {
        MountedRun.Require();
        Directory.CreateDirectory(Data);
        await using var run = MountedRun.Start("mount -t tmpfs -o size=4m,mode=700 tmpfs \"$DATA\"", Data, "--Levee:Storage:ProbeInterval=00:00:00.1");
        var server = await run.ListeningAsync(Ct);
        using var health = new HealthProbe(server);
        var filler = Path.Combine(MountedRun.Inside(run, Data), "filler");
        Fill(filler);
        await RequireUnavailableAsync(server);
        Assert.NotNull(await health.ReasonsAsync());
        File.Delete(filler);
        await health.UntilReadyAsync();
    }

    [Fact]
    public async Task A_directory_that_is_read_only_is_refused()
    {
        MountedRun.Require();
        Directory.CreateDirectory(Data);
        await RequireRefusedAsync("mount --bind \"$DATA\" \"$DATA\" && mount -o remount,ro,bind \"$DATA\"", "not writable", "--data DIR");
        Assert.Empty(Directory.GetFileSystemEntries(Data));
    }

    [Fact]
    public async Task A_file_that_is_read_only_is_refused()
    {
        MountedRun.Require();
        Directory.CreateDirectory(Data);
        await SqliteDocumentStore.Open(new SqliteOptions { Path = Database }).DisposeAsync();
        await RequireRefusedAsync(
            $"mount --bind \"$DATA/{SqliteOptions.FileName}\" \"$DATA/{SqliteOptions.FileName}\" && mount -o remount,ro,bind \"$DATA/{SqliteOptions.FileName}\"",
            Database,
            "read-only");
    }

    [Fact]
    public async Task A_disk_that_is_full_from_the_start_is_refused()
    {
        MountedRun.Require();
        Directory.CreateDirectory(Data);
        await RequireRefusedAsync("mount -t tmpfs -o size=8k tmpfs \"$DATA\"", Database, "full");
    }

    [Fact]
    public async Task A_damaged_page_fails_its_document_and_no_other()
    {
        await using (var first = Start())
        {
            var url = await first.ListeningAsync(Ct);
            using var levee = ClientOf(url);
            foreach (var id in new[] { "good", "bad", "fine" })
            {
                await levee.CreateDocumentAsync(id, cancellationToken: Ct);
                await using var document = await levee.ConnectAsync(id, cancellationToken: Ct);
                for (var i = 0; i < 40; i++)
                {
                    await document.SubmitAsync($"{id}-{i}-" + new string('x', 500), Ct);
                }
            }
        }

        // What was killed has folded nothing yet; a store that is closed has.
        await SqliteDocumentStore.Open(new SqliteOptions { Path = Database }).DisposeAsync();
        DamagePageWith("\"bad-20-");
        await using var run = Start();
        var server = await run.ListeningAsync(Ct);
        using var health = new HealthProbe(server);
        Assert.Null(await health.ReasonsAsync());
        using (var http = Http(server, "bad"))
        {
            using var answer = await http.GetAsync($"/deltas/{TestTenants.Default.Id}/bad?from=10", Ct);
            Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
            Assert.Contains("damaged", await answer.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        }

        var reason = (await health.ReasonsAsync())!["storage"];
        Assert.Contains("damaged", reason, StringComparison.Ordinal);
        Assert.DoesNotContain(_directory, reason, StringComparison.Ordinal);
        await health.RequireLiveAsync();
        using var client = ClientOf(server);
        foreach (var id in new[] { "good", "fine" })
        {
            await using var document = await client.ConnectAsync(id, cancellationToken: Ct);
            await document.SubmitAsync("goes on", Ct);
            Assert.Equal(41, (await DocumentLog.ReadAsync(server, id, Ct)).Ops.Count);
        }
    }

    private static void Fill(string path)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        var chunk = new byte[4096];
        try
        {
            while (true)
            {
                file.Write(chunk);
            }
        }
        catch (IOException)
        {
            // That is what was wanted.
        }
    }

    private static LeveeClient ClientOf(Uri server) => new(new LeveeClientOptions
    {
        ServerUrl = server,
        TenantId = TestTenants.Default.Id,
        TokenProvider = (documentId, _) => ValueTask.FromResult(TestTokens.FullAccess(documentId)),
        MinReconnectDelay = TimeSpan.FromMilliseconds(20),
        MaxReconnectDelay = TimeSpan.FromMilliseconds(200),
    });

    private static HttpClient Http(Uri server, string document)
    {
        var http = new HttpClient { BaseAddress = server };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", TestTokens.FullAccess(document));
        return http;
    }

    private static async Task RequireUnavailableAsync(Uri server)
    {
        using var http = Http(server, "another");
        using var answer = await http.PostAsJsonAsync($"/documents/{TestTenants.Default.Id}", new { id = "another" }, Ct);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(1), answer.Headers.RetryAfter?.Delta);
        Assert.Contains("Storage is unavailable", await answer.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
    }

    /// <summary>Overwrites the structure of the one page that holds a text.</summary>
    private void DamagePageWith(string text)
    {
        var bytes = File.ReadAllBytes(Database);
        var at = bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text));
        Assert.True(at > 0, "the text is not in the file");
        bytes.AsSpan(at / 4096 * 4096, 4096).Fill(0xA5);
        File.WriteAllBytes(Database, bytes);
    }

    private ServerRun Start() =>
        ServerRun.Start(_directory, ["--urls", "http://127.0.0.1:0", "--environment", "Development", "--data", Data]);

    private async Task RequireRefusedAsync(string mounts, params string[] words)
    {
        await using var run = MountedRun.Start(mounts, Data);
        Assert.Equal(1, await run.ExitAsync(Ct));
        Assert.StartsWith("Levee cannot start. ", run.Errors, StringComparison.Ordinal);
        Assert.All(words, word => Assert.Contains(word, run.Errors, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", run.All, StringComparison.Ordinal);
    }
}
