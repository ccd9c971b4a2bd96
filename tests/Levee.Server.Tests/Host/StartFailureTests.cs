using System.Net;
using System.Net.Sockets;
using Levee.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace Levee.Server.Tests.Host;

/// <summary>A start that can not be ends with exit code 1 and a sentence for the operator: what is wrong, and what to do.</summary>
public sealed class StartFailureTests : IDisposable
{
    private const string GoodKey = "0123456789abcdef0123456789abcdef";

    private readonly string _directory = Directory.CreateTempSubdirectory("levee-host-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string Data => Path.Combine(_directory, "data");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("4000x")]
    [InlineData("70000")]
    [InlineData("-1")]
    public Task A_port_that_is_none(string port) =>
        RequireRefusedAsync([], [("PORT", port)], "PORT must be a number from 0 to 65535", port);

    [Theory]
    [InlineData("Levee:Sessions:NoOpDelay", "00:00:00", "Levee:Sessions:NoOpDelay", "00:00:00.001")]
    [InlineData("Levee:Sessions:NoOpDelay", "soon", "Levee:Sessions:NoOpDelay", "hh:mm:ss")]
    [InlineData("Levee:Sessions:MailboxCapacity", "0", "Levee:Sessions:MailboxCapacity", "between 1 and")]
    [InlineData("Levee:Phoenix:MaxFrameBytes", "0", "Levee:Phoenix:MaxFrameBytes", "")]
    [InlineData("Levee:Identity:ClockSkew", "01:00:00", "Levee:Identity:ClockSkew", "00:05:00")]
    [InlineData("Levee:Identity:MaximumRevocations", "0", "Levee:Identity:MaximumRevocations", "1000000")]
    public Task A_setting_out_of_range(string setting, string value, string name, string remedy) =>
        RequireRefusedAsync([$"--{setting}={value}"], [], name, remedy);

    [Fact]
    public async Task A_data_directory_in_use()
    {
        await using var first = ServerRun.Start(_directory, ["--urls", "http://127.0.0.1:0", "--data", Data, "--environment", "Development"]);
        await first.ListeningAsync(Ct);
        await RequireRefusedAsync([], [], Data, "in use by another Levee server", "--data DIR");
    }

    [Fact]
    public async Task A_data_directory_that_is_a_file()
    {
        await File.WriteAllTextAsync(Data, "mine", Ct);
        await RequireRefusedAsync([], [], Data, "--data DIR");
        Assert.Equal("mine", await File.ReadAllTextAsync(Data, Ct));
    }

    [Fact]
    public Task A_temporary_directory_that_can_not_be_written() => RequireRefusedAsync(
        [], [("TMPDIR", Path.Combine(_directory, "none")), ("LEVEE_TENANT_ID", "mine"), ("LEVEE_TENANT_KEY", GoodKey)], "TMPDIR", "must be writable", Path.Combine(_directory, "none"));

    [Fact]
    public async Task A_port_in_use()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        await RequireRefusedAsync(
            ["--urls", $"http://127.0.0.1:{port}"], [], $"{port}", "in use", "choose another port with PORT or --urls");
    }

    [Theory]
    [InlineData("http://127.0.0.1:notaport")]
    [InlineData("4000")]
    public Task An_address_that_is_none(string urls) => RequireRefusedAsync(["--urls", urls], [], urls, "--urls");

    [Theory]
    [InlineData("dev-tenant-secret-key")]
    [InlineData("levee-dev-secret-change-in-production")]
    public async Task A_development_key_in_production(string key)
    {
        var errors = await RequireRefusedAsync(
            ["--environment", "Production"],
            [("LEVEE_TENANT_ID", "mine"), ("LEVEE_TENANT_KEY", key)],
            "LEVEE_TENANT_KEY is a development key",
            "openssl rand -hex 32");
        Assert.DoesNotContain(key, errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_admin_key_that_could_be_guessed()
    {
        var errors = await RequireRefusedAsync(
            ["--environment", "Production"], [("LEVEE_ADMIN_KEY", "short-admin-key")], "LEVEE_ADMIN_KEY (Levee:Admin:Key) has 15 characters");
        Assert.DoesNotContain("short-admin-key", errors, StringComparison.Ordinal);
    }

    [Fact]
    public Task A_tenant_without_a_key() =>
        RequireRefusedAsync([], [("LEVEE_TENANT_ID", "mine")], "LEVEE_TENANT_KEY is missing", "openssl rand -hex 32");

    [Fact]
    public Task A_tenant_without_a_valid_id() =>
        RequireRefusedAsync([], [("LEVEE_TENANT_ID", "no:colons"), ("LEVEE_TENANT_KEY", GoodKey)], "LEVEE_TENANT_ID must have");

    [Fact]
    public async Task A_database_from_the_future()
    {
        Directory.CreateDirectory(Data);
        var path = Path.Combine(Data, SqliteOptions.FileName);
        await SqliteDocumentStore.Open(new SqliteOptions { Path = path }).DisposeAsync();
        await using (var connection = new SqliteConnection($"Data Source={path};Pooling=False"))
        {
            await connection.OpenAsync(Ct);
            await using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA user_version = 999";
            await command.ExecuteNonQueryAsync(Ct);
        }

        await RequireRefusedAsync([], [], path, "schema version 999", "Start a newer Levee");
    }

    [Fact]
    public async Task A_file_that_is_no_database()
    {
        Directory.CreateDirectory(Data);
        var path = Path.Combine(Data, SqliteOptions.FileName);
        await File.WriteAllTextAsync(path, new string('x', 8192), Ct);
        await RequireRefusedAsync([], [], path);
        Assert.Equal(new string('x', 8192), await File.ReadAllTextAsync(path, Ct));
    }

    [Theory]
    [InlineData("missing", "is missing", "restore a backup")]
    [InlineData("empty", "is empty", "restore a backup")]
    [InlineData("truncated", "damaged", "Restore a backup")]
    [InlineData("log", "-wal", "Restore a backup")]
    public async Task A_database_of_which_not_all_is_left(string what, params string[] words)
    {
        Directory.CreateDirectory(Data);
        var path = Path.Combine(Data, SqliteOptions.FileName);
        await SqliteDocumentStore.Open(new SqliteOptions { Path = path }).DisposeAsync();
        var length = new FileInfo(path).Length;
        switch (what)
        {
            case "missing":
                File.Move(path, path + "-wal");
                break;
            case "empty":
                File.Move(path, path + "-wal");
                await File.WriteAllBytesAsync(path, [], Ct);
                break;
            case "truncated":
                await using (var file = File.OpenWrite(path))
                {
                    file.SetLength(length / 4096 / 2 * 4096);
                }

                break;
            default:
                await File.WriteAllTextAsync(path + "-wal", new string('x', 8192), Ct);
                break;
        }

        var before = Directory.GetFiles(Data, "levee.db*").Order().Select(file => (file, new FileInfo(file).Length)).ToList();
        await RequireRefusedAsync([], [], [path, .. words]);
        Assert.Equal(before, Directory.GetFiles(Data, "levee.db*").Order().Select(file => (file, new FileInfo(file).Length)));
    }

    [Fact]
    public async Task A_database_that_somebody_else_has_locked()
    {
        Directory.CreateDirectory(Data);
        var path = Path.Combine(Data, SqliteOptions.FileName);
        await SqliteDocumentStore.Open(new SqliteOptions { Path = path }).DisposeAsync();
        await using var holder = new SqliteConnection($"Data Source={path};Pooling=False");
        await holder.OpenAsync(Ct);
        await using var command = holder.CreateCommand();
        command.CommandText = "BEGIN IMMEDIATE";
        await command.ExecuteNonQueryAsync(Ct);
        await RequireRefusedAsync(["--Levee:Storage:BusyTimeout=00:00:00.1"], [], path, "another process holds");
    }

    /// <summary>Starts a server that must not start.</summary>
    /// <returns>What it said on its error stream.</returns>
    private async Task<string> RequireRefusedAsync(string[] arguments, (string Name, string Value)[] environment, params string[] words)
    {
        // What decides the case comes last and wins.
        string[] address = arguments.Contains("--urls") || environment.Any(variable => variable.Name == "PORT") ? [] : ["--urls", "http://127.0.0.1:0"];
        await using var run = ServerRun.Start(
            _directory, ["--environment", "Development", "--data", Data, .. address, .. arguments], environment);
        var exitCode = await run.ExitAsync(Ct);
        Assert.True(exitCode == 1, $"exit code {exitCode}{Environment.NewLine}{run.All}");
        Assert.StartsWith("Levee cannot start. ", run.Errors, StringComparison.Ordinal);
        Assert.All(words, word => Assert.Contains(word, run.Errors, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", run.All, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", run.All, StringComparison.Ordinal);
        Assert.DoesNotContain("Listening on", run.Output, StringComparison.Ordinal);
        return run.Errors;
    }
}
