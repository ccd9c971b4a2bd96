using Levee.Storage.Sqlite;

namespace Levee.Storage.Tests.Sqlite;

/// <summary>
/// Files as a crash, a careless hand or a bad disk leaves them. What was acknowledged is there after the start, or the start is refused and
/// nothing is touched: never a new, empty database where there was one.
/// </summary>
public sealed class SqliteRemainsTests : IDisposable
{
    private const int FrameBytes = 24 + 4096;

    private readonly TemporaryDatabase _database = new();
    private readonly TemporaryDatabase _crashed = new();

    private string Log => _crashed.Path + "-wal";

    private string Directory => Path.GetDirectoryName(_crashed.Path)!;

    public void Dispose()
    {
        _database.Dispose();
        _crashed.Dispose();
    }

    [Fact]
    public async Task What_was_killed_has_all_that_was_acknowledged()
    {
        await CrashAsync();
        await OpensWithAsync(20);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_log_without_its_file_is_refused(bool isEmpty)
    {
        await CrashAsync();
        Lose(isEmpty);
        Refuses("restore a backup", isEmpty ? "is empty" : "is missing");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Keys_without_a_file_are_refused(bool isEmpty)
    {
        await CrashAsync();
        Lose(isEmpty);
        File.Delete(Log);
        var keys = System.IO.Directory.CreateDirectory(Path.Combine(Directory, "keys"));
        await File.WriteAllTextAsync(Path.Combine(keys.FullName, "key-1.xml"), "<key/>", Some.Token);
        Refuses("keys", "To start anew");

        // As the message says.
        keys.Delete(recursive: true);
        await OpensWithAsync(null);
    }

    [Fact]
    public async Task An_empty_file_alone_is_a_first_start_that_was_cut_short()
    {
        await File.WriteAllBytesAsync(_crashed.Path, [], Some.Token);
        await OpensWithAsync(null);
    }

    [Fact]
    public async Task A_restore_that_was_cut_short_is_refused()
    {
        System.IO.Directory.CreateDirectory(Path.Combine(Directory, "restore.partial"));
        Refuses("restore", "Run it again");
    }

    [Fact]
    public async Task A_truncated_file_is_refused()
    {
        await CrashAsync();
        await OpensWithAsync(20);
        using (var file = File.OpenWrite(_crashed.Path))
        {
            file.SetLength(file.Length / 4096 / 2 * 4096);
        }

        Refuses("damaged");
    }

    [Fact]
    public async Task A_file_whose_schema_is_damaged_is_refused()
    {
        await CrashAsync();
        await OpensWithAsync(20);
        Overwrite(_crashed.Path, 100, 1000);
        Refuses("damaged");
    }

    [Theory]
    [InlineData(0, 4)]
    [InlineData(4, 28)]
    [InlineData(0, 1 << 20)]
    public async Task A_log_of_garbage_is_refused(int from, int count)
    {
        await CrashAsync();
        Overwrite(Log, from, count);
        Refuses("-wal", "acknowledged", "move that file away");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task A_log_that_is_damaged_before_acknowledged_commits_is_refused(int frame)
    {
        await CrashAsync();
        Overwrite(Log, 32 + (frame * FrameBytes) + 500, 8);
        Refuses($"frame {frame + 1} does not add up");
    }

    [Fact]
    public async Task A_damaged_log_that_is_moved_away_lets_the_rest_go_on()
    {
        await CrashAsync(folded: 5);
        Overwrite(Log, 0, 32);
        Refuses("-wal");
        File.Delete(Log);
        await OpensWithAsync(5);
    }

    [Fact]
    public async Task A_log_whose_last_commit_was_being_written_goes_on_without_it()
    {
        await CrashAsync();
        using (var log = File.OpenWrite(Log))
        {
            log.SetLength(log.Length - 100);
        }

        await OpensWithAsync(19);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    [InlineData(32)]
    [InlineData(5000)]
    public async Task A_log_that_a_power_cut_left_short_or_of_zeros_holds_nothing(int length)
    {
        await CrashAsync(folded: 20);
        await File.WriteAllBytesAsync(Log, new byte[length], Some.Token);
        await OpensWithAsync(20);
    }

    [Fact]
    public async Task Without_syncs_a_power_cut_leaves_holes_and_that_is_no_damage()
    {
        await CrashAsync();
        Overwrite(Log, 32 + (3 * FrameBytes) + 500, 8);
        await using var store = SqliteDocumentStore.Open(_crashed.Options);
        Assert.NotNull(store);
    }

    [Fact]
    public async Task A_log_of_an_earlier_round_behind_the_new_one_is_no_damage()
    {
        // The log is begun anew from its start once it was folded: old frames follow the new ones.
        await using var store = SqliteDocumentStore.Open(FullOptions(_database));
        await AppendAsync(store, 1, 20);
        _database.Execute("PRAGMA wal_checkpoint(RESTART)");
        await AppendAsync(store, 21, 2);
        CopyAsCrashed();
        await OpensWithAsync(22);
    }

    /// <summary>The files of a store that was killed after twenty commits, of which some were folded into the file before.</summary>
    private async Task CrashAsync(int folded = 0)
    {
        await using var store = SqliteDocumentStore.Open(FullOptions(_database));
        if (folded > 0)
        {
            await AppendAsync(store, 1, folded);
            _database.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
        }

        await AppendAsync(store, folded + 1, 20 - folded);
        CopyAsCrashed();
    }

    private static async Task AppendAsync(SqliteDocumentStore store, long first, int count)
    {
        if (first == 1)
        {
            await store.CreateDocumentAsync(Some.Document(), Some.Token);
        }

        for (var number = first; number < first + count; number++)
        {
            await store.AppendAsync(Some.Append(number, 1), Some.Token);
        }
    }

    private void CopyAsCrashed()
    {
        File.Copy(_database.Path, _crashed.Path);
        File.Copy(_database.Path + "-wal", Log);
    }

    private void Lose(bool isEmpty)
    {
        File.Delete(_crashed.Path);
        if (isEmpty)
        {
            File.WriteAllBytes(_crashed.Path, []);
        }
    }

    private static void Overwrite(string path, int from, int count)
    {
        using var file = File.OpenWrite(path);
        file.Position = from;
        file.Write(Enumerable.Repeat((byte)0xA5, (int)Math.Min(count, file.Length - from)).ToArray());
    }

    private static SqliteOptions FullOptions(TemporaryDatabase database)
    {
        var options = database.Options;
        options.Synchronous = SqliteSynchronous.Full;
        return options;
    }

    /// <summary>Opens the crashed database: so many messages are there; null for one that is new.</summary>
    private async Task OpensWithAsync(int? messages)
    {
        await using var store = SqliteDocumentStore.Open(FullOptions(_crashed));
        Assert.Equal(messages, (int?)(await store.FindDocumentAsync(Some.Key, Some.Token))?.LastSequenceNumber);
        Assert.Equal(messages ?? 0, (await store.ReadAllAsync()).Count);
    }

    private void Refuses(params string[] words)
    {
        var before = Contents();
        var failure = Assert.Throws<StorageException>(() => SqliteDocumentStore.Open(FullOptions(_crashed)));
        Assert.Equal(StorageFault.Damaged, failure.Fault);
        Assert.All([_crashed.Path, .. words], word => Assert.Contains(word, failure.Message, StringComparison.Ordinal));
        Assert.Equal(before, Contents());
    }

    // SQLite's shared memory comes and goes; it holds nothing.
    private List<(string, string)> Contents() =>
        [.. System.IO.Directory.GetFiles(Directory)
            .Where(file => !file.EndsWith("-shm", StringComparison.Ordinal))
            .Order()
            .Select(file => (file, Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file)))))];
}
