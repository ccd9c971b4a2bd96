using System.Collections.Concurrent;
using Levee.Storage.Sqlite;

namespace Levee.Storage.Tests.Sqlite;

/// <summary>A backup is whole and checked, or not there; a restore makes a directory that a server opens, or leaves none that it would.</summary>
public sealed class SqliteBackupTests : IAsyncDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("levee-backup-");
    private readonly SqliteDocumentStore _store;

    public SqliteBackupTests()
    {
        Directory.CreateDirectory(Path.Combine(Data, "keys"));
        _store = SqliteDocumentStore.Open(Options(Data));
        File.WriteAllText(Path.Combine(Data, "keys", "key-1.xml"), "<key>one</key>");
    }

    private string Data => In("data");

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    [Theory]
    [InlineData("backup")]
    [InlineData("backup.tar")]
    public async Task A_backup_of_an_open_store_is_restored_whole(string name)
    {
        await FillAsync();
        var reports = new ConcurrentQueue<BackupProgress>();
        var made = SqliteBackup.Create(Data, In(name), new Collected(reports), Some.Token);
        Assert.Equal((In(name), 1, 1, 1), (made.Path, made.Documents, made.Tenants, made.Keys));
        Assert.Contains(reports, report => report.Stage == BackupStage.Verifying);
        // What comes after it is not in it.
        await _store.AppendAsync(Some.Append(101, 1), Some.Token);

        var restored = SqliteBackup.Restore(In(name), In("new"), cancellationToken: Some.Token);
        Assert.Equal((In("new"), 1, 1, 1), (restored.Path, restored.Documents, restored.Tenants, restored.Keys));
        await using var store = SqliteDocumentStore.Open(Options(In("new")));
        Assert.Equal(Some.Text(Some.Batch(1, 100)), Some.Text(await store.ReadAllAsync()));
        Assert.Equal(Some.Id("head"), await store.FindRefAsync("acme", GitRef.OfDocument("plan"), Some.Token));
        Assert.Equal("t", Assert.Single(await store.ListTenantsAsync(Some.Token)).Id);
        Assert.Equal("<key>one</key>", await File.ReadAllTextAsync(Path.Combine(In("new"), "keys", "key-1.xml"), Some.Token));
        Assert.Equal(["keys", "levee.db", "levee.db-shm", "levee.db-wal", "levee.lock"], Names(In("new")));
        Assert.Empty(Directory.GetFileSystemEntries(_directory.FullName, "*partial*"));
    }

    [Fact]
    public async Task A_backup_is_a_plain_file_and_its_keys_that_only_the_owner_reads()
    {
        await FillAsync();
        SqliteBackup.Create(Data, In("backup"), cancellationToken: Some.Token);
        Assert.Equal(["keys", "levee.db"], Names(In("backup")));
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no mode bits.");
        Assert.Equal("0700", Mode(In("backup")));
        Assert.Equal("0600", Mode(Path.Combine(In("backup"), "levee.db")));
        Assert.Equal("0600", Mode(Path.Combine(In("backup"), "keys", "key-1.xml")));
        SqliteBackup.Create(Data, In("backup.tar"), cancellationToken: Some.Token);
        Assert.Equal("0600", Mode(In("backup.tar")));
    }

    [Fact]
    public async Task A_backup_into_a_directory_gets_a_name_of_the_time()
    {
        await FillAsync();
        Directory.CreateDirectory(In("backups"));
        var made = SqliteBackup.Create(Data, In("backups"), cancellationToken: Some.Token);
        Assert.Matches(@"backups.levee-\d{8}T\d{6}Z$", made.Path);
        Assert.Equal(["keys", "levee.db"], Names(made.Path));
    }

    [Fact]
    public async Task Writers_go_on_while_a_backup_is_made_and_it_has_a_prefix_of_the_log()
    {
        await FillAsync();
        using var stop = new CancellationTokenSource();
        var writing = Task.Run(async () =>
        {
            var number = 100L;
            while (!stop.IsCancellationRequested)
            {
                Assert.Equal(AppendOutcome.Appended, await _store.AppendAsync(Some.Append(++number, 1), Some.Token));
            }

            return number;
        });
        for (var i = 0; i < 5; i++)
        {
            var before = (await _store.FindDocumentAsync(Some.Key, Some.Token))!.LastSequenceNumber;
            SqliteBackup.Create(Data, In($"backup{i}"), cancellationToken: Some.Token);
            await using var copy = SqliteDocumentStore.Open(Options(In($"backup{i}")));
            var log = await copy.ReadAllAsync();
            Assert.InRange(log.Count, before, long.MaxValue);
            Assert.Equal(Some.Text(Some.Batch(1, log.Count)), Some.Text(log));
        }

        await stop.CancelAsync();
        Assert.Equal(await writing, (await _store.FindDocumentAsync(Some.Key, Some.Token))!.LastSequenceNumber);
    }

    [Fact]
    public async Task Overwrites_nothing()
    {
        await FillAsync();
        await File.WriteAllTextAsync(In("mine"), "mine", Some.Token);
        Fails(() => SqliteBackup.Create(Data, In("mine")), "overwrites nothing");
        Assert.Equal("mine", await File.ReadAllTextAsync(In("mine"), Some.Token));
        SqliteBackup.Create(Data, In("a.tar"), cancellationToken: Some.Token);
        Fails(() => SqliteBackup.Create(Data, In("a.tar")), "overwrites nothing");
    }

    [Fact]
    public void Says_what_is_missing()
    {
        Fails(() => SqliteBackup.Create(In("nowhere"), In("backup")), "There is no levee.db");
        Fails(() => SqliteBackup.Create(Data, In("no/such/directory")), "There is no directory");
        Fails(() => SqliteBackup.Create(Data, Path.Combine(Data, "backup")), "data directory");
        Fails(() => SqliteBackup.Create(Data, Data), "data directory");
        Fails(() => SqliteBackup.Restore(In("nowhere"), In("new")), "There is no backup");
        Directory.CreateDirectory(In("empty"));
        Fails(() => SqliteBackup.Restore(In("empty"), In("new")), "There is no levee.db");
        File.WriteAllText(In("letter.tar"), "Dear Ann");
        Fails(() => SqliteBackup.Restore(In("letter.tar"), In("new")), "can not be restored");
        Assert.Equal(["levee.lock"], Names(In("new")));
    }

    [Fact]
    public async Task A_damaged_database_makes_no_backup_and_restores_none()
    {
        await FillAsync();
        SqliteBackup.Create(Data, In("backup"), cancellationToken: Some.Token);
        Damage(Path.Combine(In("backup"), "levee.db"));
        Fails(() => SqliteBackup.Create(In("backup"), In("again")), "damaged");
        Assert.False(Directory.Exists(In("again")));
        Fails(() => SqliteBackup.Restore(In("backup"), In("new")), "damaged");
        Assert.Equal(["levee.lock"], Names(In("new")));
        Assert.Empty(Directory.GetFileSystemEntries(_directory.FullName, "*partial*"));
    }

    [Fact]
    public async Task A_database_of_something_else_is_no_backup()
    {
        Directory.CreateDirectory(In("other"));
        await using (var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={In("other/levee.db")};Pooling=false"))
        {
            await connection.OpenAsync(Some.Token);
            TemporaryDatabase.Execute(connection, "CREATE TABLE recipes (name TEXT)");
        }

        Fails(() => SqliteBackup.Create(In("other"), In("backup")), "something else");
        Fails(() => SqliteBackup.Restore(In("other"), In("new")), "something else");
    }

    [Fact]
    public async Task Restores_into_an_empty_directory_only_and_none_that_is_in_use()
    {
        await FillAsync();
        SqliteBackup.Create(Data, In("backup"), cancellationToken: Some.Token);
        Directory.CreateDirectory(In("mine"));
        await File.WriteAllTextAsync(In("mine/letter"), "Dear Ann", Some.Token);
        Fails(() => SqliteBackup.Restore(In("backup"), In("mine")), "not empty", "letter");
        Assert.Equal(["letter", "levee.lock"], Names(In("mine")));

        Directory.CreateDirectory(In("used"));
        using (DirectoryLock.TryTake(In("used")))
        {
            Fails(() => SqliteBackup.Restore(In("backup"), In("used")), "in use");
        }

        SqliteBackup.Restore(In("backup"), In("used"), cancellationToken: Some.Token);
    }

    [Fact]
    public async Task A_restore_that_was_cut_short_is_begun_anew()
    {
        await FillAsync();
        SqliteBackup.Create(Data, In("backup"), cancellationToken: Some.Token);
        Directory.CreateDirectory(In("new/restore.partial/whole"));
        Directory.CreateDirectory(In("new/keys"));
        await File.WriteAllTextAsync(In("new/keys/key-1.xml"), "half of it", Some.Token);
        Assert.Throws<StorageException>(() => SqliteDocumentStore.Open(Options(In("new"))));

        SqliteBackup.Restore(In("backup"), In("new"), cancellationToken: Some.Token);
        await using var store = SqliteDocumentStore.Open(Options(In("new")));
        Assert.Equal(100, (await store.ReadAllAsync()).Count);
        Assert.Equal("<key>one</key>", await File.ReadAllTextAsync(In("new/keys/key-1.xml"), Some.Token));
    }

    [Fact]
    public async Task Given_up_leaves_nothing()
    {
        await FillAsync();
        using var cancellation = new CancellationTokenSource();
        var atOnce = new Immediate(() => cancellation.Cancel());
        Assert.ThrowsAny<OperationCanceledException>(() => SqliteBackup.Create(Data, In("backup"), atOnce, cancellation.Token));
        Assert.Equal(["data"], Names(_directory.FullName));
    }

    private static SqliteOptions Options(string directory) =>
        new() { Path = Path.Combine(directory, SqliteOptions.FileName), Synchronous = SqliteSynchronous.Off };

    private static List<string> Names(string directory) =>
        [.. Directory.GetFileSystemEntries(directory).Select(entry => Path.GetFileName(entry)).Order(StringComparer.Ordinal)];

    private static string Mode(string path) => OperatingSystem.IsWindows() ? "" : "0" + Convert.ToString((int)File.GetUnixFileMode(path), 8);

    private static void Fails(Action action, params string[] words)
    {
        var failure = Assert.Throws<StorageException>(action);
        Assert.All(words, word => Assert.Contains(word, failure.Message, StringComparison.Ordinal));
    }

    private static void Damage(string path)
    {
        using var file = File.OpenWrite(path);
        for (var page = 2; page < file.Length / 4096; page++)
        {
            file.Position = (page * 4096) + 2;
            file.Write(new byte[] { 0xA5, 0xA5, 0xA5, 0xA5, 0xA5, 0xA5 });
        }
    }

    private string In(string name) => Path.Combine(_directory.FullName, name);

    private async Task FillAsync()
    {
        await _store.CreateDocumentAsync(Some.Document() with { Head = Some.Id("head"), Objects = [Some.Blob("head")] }, Some.Token);
        await _store.AppendAsync(Some.Append(1, 100), Some.Token);
        await _store.SaveTenantAsync(new StoredTenant("t", "T", "secret"u8.ToArray(), "secret"u8.ToArray()), Some.Token);
    }

    private sealed class Collected(ConcurrentQueue<BackupProgress> reports) : IProgress<BackupProgress>
    {
        public void Report(BackupProgress value) => reports.Enqueue(value);
    }

    private sealed class Immediate(Action action) : IProgress<BackupProgress>
    {
        public void Report(BackupProgress value) => action();
    }
}
