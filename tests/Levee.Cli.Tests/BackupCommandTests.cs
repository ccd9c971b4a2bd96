using Levee.Protocol;
using Levee.Storage;
using Levee.Storage.Sqlite;
using Levee.Testing;

namespace Levee.Cli.Tests;

/// <summary>What an operator who backs up and restores sees, and a script that does.</summary>
public sealed class BackupCommandTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("levee-cli-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Says_in_plain_lines_what_it_did()
    {
        await FillAsync();
        var backup = (await CliRun.RunAsync("backup", "--data", In("data"), "--to", In("backup"))).Done();
        Assert.Matches(@"^Backed up 1 document, 0 tenants and 0 keys \(\d+ KiB\) to .*backup\n$", backup.Output.ReplaceLineEndings("\n"));
        Assert.Equal("Verifying ...\n", backup.Errors.ReplaceLineEndings("\n"));

        var restore = (await CliRun.RunAsync("restore", "--from", In("backup"), "--data", In("new"))).Done();
        Assert.StartsWith("Restored 1 document", restore.Output, StringComparison.Ordinal);
        Assert.True(File.Exists(In("new/levee.db")));
    }

    [Fact]
    public async Task One_file_will_do()
    {
        await FillAsync();
        (await CliRun.RunAsync("backup", "--data", In("data"), "--to", In("backup.tar"))).Done();
        (await CliRun.RunAsync("restore", "--from", In("backup.tar"), "--data", In("new"))).Done();
        Assert.True(File.Exists(In("new/levee.db")));
    }

    [Fact]
    public async Task Draws_a_bar_for_who_watches()
    {
        await FillAsync(ops: 2000);
        var (output, errors) = (new StringWriter(), new StringWriter());
        string[] arguments = ["backup", "--data", In("data"), "--to", In("backup")];
        Assert.Equal(0, await LeveeCommand.RunAsync(arguments, new CommandOutput(output, errors, isTerminal: true), Ct));
        Assert.StartsWith("Backed up 1 document", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("Verifying", errors.ToString(), StringComparison.Ordinal);
        Assert.Contains('\x1b', errors.ToString());
        Assert.DoesNotContain('\x1b', output.ToString());
    }

    [Fact]
    public async Task Warns_when_the_keys_of_its_tenants_are_missing()
    {
        await FillAsync(tenants: 1);
        var backup = (await CliRun.RunAsync("backup", "--data", In("data"), "--to", In("backup"))).Done();
        Assert.Contains("Warning: there are no keys", backup.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Says_what_is_wrong_and_what_to_do()
    {
        await FillAsync();
        (await CliRun.RunAsync("backup", "--data", In("nowhere"), "--to", In("backup"))).Fails(1, "There is no levee.db in");
        (await CliRun.RunAsync("backup", "--data", In("data"), "--to", In("data/levee.db"))).Fails(1, "overwrites nothing");
        (await CliRun.RunAsync("restore", "--from", In("nowhere"), "--data", In("new"))).Fails(1, "There is no backup");
        (await CliRun.RunAsync("restore", "--from", In("data"), "--data", In("data"))).Fails(1, "not empty");
        (await CliRun.RunAsync("backup", "--data", In("data"))).Fails(2, "--to");
        (await CliRun.RunAsync("back")).Fails(2, "back");
        (await CliRun.RunAsync("--help")).Fails(0, "backup", "restore");
        (await CliRun.RunAsync("backup", "--help")).Fails(0, "--data", "--to", "The server may be running");
    }

    [Fact]
    public async Task Does_not_restore_over_a_running_server()
    {
        await using var server = await LeveeServerProcess.StartAsync(cancellationToken: Ct);
        (await CliRun.RunAsync("backup", "--data", server.DataDirectory, "--to", In("backup"))).Done();
        (await CliRun.RunAsync("restore", "--from", In("backup"), "--data", server.DataDirectory)).Fails(1, "in use by a running server");
    }

    [Fact]
    public async Task Given_up_it_says_so_and_leaves_nothing()
    {
        await FillAsync();
        using var cancellation = new CancellationTokenSource();
        await cancellation.CancelAsync();
        var errors = new StringWriter();
        string[] arguments = ["backup", "--data", In("data"), "--to", In("backup")];
        Assert.Equal(130, await LeveeCommand.RunAsync(arguments, new CommandOutput(TextWriter.Null, errors, isTerminal: false), cancellation.Token));
        Assert.Contains("Given up", errors.ToString(), StringComparison.Ordinal);
        Assert.Equal([In("data")], Directory.GetFileSystemEntries(_directory));
    }

    private string In(string name) => Path.Combine(_directory, name);

    private async Task FillAsync(int ops = 1, int tenants = 0)
    {
        await using var store = SqliteDocumentStore.Open(
            new SqliteOptions { Path = In("data/levee.db"), Synchronous = SqliteSynchronous.Off });
        var key = new DocumentKey("acme", "plan");
        await store.CreateDocumentAsync(new NewDocument { Key = key, CreatedAt = DateTimeOffset.UtcNow, InitialState = "[]"u8.ToArray() }, Ct);
        var deltas = new DeltaBatchBuilder();
        for (var number = 1; number <= ops; number++)
        {
            deltas.AddEncoded(number, new byte[4000]);
        }

        await store.AppendAsync(new AppendRequest { Key = key, Deltas = deltas.Build() }, Ct);
        for (var i = 0; i < tenants; i++)
        {
            await store.SaveTenantAsync(new StoredTenant($"t{i}", "T", "secret"u8.ToArray(), "secret"u8.ToArray()), Ct);
        }
    }
}
