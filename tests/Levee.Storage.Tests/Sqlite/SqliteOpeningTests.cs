using System.Text;
using Levee.Storage.Sqlite;

namespace Levee.Storage.Tests.Sqlite;

public sealed class SqliteOpeningTests : IDisposable
{
    private readonly TemporaryDatabase _database = new();

    public void Dispose() => _database.Dispose();

    [Fact]
    public async Task Creates_the_directory_and_the_current_schema()
    {
        var options = _database.Options;
        options.Path = Path.Combine(Path.GetDirectoryName(_database.Path)!, "deep", "er", "levee.db");
        await using var store = SqliteDocumentStore.Open(options);

        Assert.True(File.Exists(options.Path));
        Assert.True(await store.CreateDocumentAsync(Some.Document(), Some.Token));
    }

    [Fact]
    public async Task The_file_says_that_it_is_ours_and_which_schema_it_has()
    {
        await _database.Open().DisposeAsync();

        Assert.Equal(0x4C455645, _database.Read("PRAGMA application_id"));
        Assert.Equal(SchemaMigrator.Latest, _database.Read("PRAGMA user_version"));
    }

    [Fact]
    public async Task A_file_of_the_first_schema_gets_what_came_later_and_keeps_what_it_holds()
    {
        await using (var store = _database.Open())
        {
            await store.CreateDocumentAsync(Some.Document(), Some.Token);
        }

        _database.Execute("DROP TABLE revocations; PRAGMA user_version = 1");
        await using var again = _database.Open();
        await again.SaveRevocationAsync(
            new StoredRevocation("acme", RevocationKind.Tenant, "", "r", DateTimeOffset.UnixEpoch, null, null), Some.Token);
        Assert.NotNull(await again.FindDocumentAsync(Some.Key, Some.Token));
    }

    [Fact]
    public async Task Refuses_a_schema_from_the_future_and_leaves_it_as_it_is()
    {
        await _database.Open().DisposeAsync();
        _database.Execute("PRAGMA user_version = 1000");

        Refuses("schema version 1000");
        Assert.Equal(1000, _database.Read("PRAGMA user_version"));
    }

    [Theory]
    [InlineData("This is a diary.")]
    [InlineData("x")]
    [InlineData(null)]
    public void Refuses_a_file_that_is_not_a_database_and_leaves_it_as_it_is(string? text)
    {
        var bytes = text is null ? Encoding.UTF8.GetBytes(new string('y', 100_000)) : Encoding.UTF8.GetBytes(text);
        File.WriteAllBytes(_database.Path, bytes);

        Refuses("not a SQLite database");
        Assert.Equal(bytes, File.ReadAllBytes(_database.Path));
    }

    [Fact]
    public void Refuses_the_database_of_another_program_and_leaves_it_as_it_is()
    {
        _database.Execute("CREATE TABLE recipes (name TEXT)");
        var bytes = File.ReadAllBytes(_database.Path);

        Refuses("something else");
        Assert.Equal(bytes, File.ReadAllBytes(_database.Path));
    }

    [Fact]
    public void Refuses_a_path_that_is_a_directory()
    {
        Directory.CreateDirectory(_database.Path);
        Refuses("cannot be opened");
    }

    [Fact]
    public void Refuses_a_directory_that_cannot_be_made()
    {
        File.WriteAllText(_database.Path, "a file");
        var options = _database.Options;
        options.Path = Path.Combine(_database.Path, "levee.db");

        Assert.Throws<StorageException>(() => SqliteDocumentStore.Open(options));
    }

    [Fact]
    public void Refuses_a_place_where_nobody_may_write()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Uses /proc, where not even root may make a file.");
        var options = _database.Options;
        options.Path = "/proc/levee.db";

        Assert.Contains("cannot be opened", Assert.Throws<StorageException>(() => SqliteDocumentStore.Open(options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refuses_a_damaged_header_and_leaves_it_as_it_is()
    {
        await _database.Open().DisposeAsync();
        var bytes = File.ReadAllBytes(_database.Path);
        bytes.AsSpan(0, 64).Fill(0xEE);
        File.WriteAllBytes(_database.Path, bytes);

        Refuses("not a SQLite database");
        Assert.Equal(bytes, File.ReadAllBytes(_database.Path));
    }

    [Theory]
    [InlineData(SqliteSynchronous.Full, 2)]
    [InlineData(SqliteSynchronous.Normal, 1)]
    [InlineData(SqliteSynchronous.Off, 0)]
    public void The_setting_reaches_the_connection_that_writes(SqliteSynchronous level, int expected)
    {
        var options = _database.Options;
        options.Synchronous = level;
        using var connection = SqliteConnections.OpenForWriting(options);
        SqliteConnections.MakeDurable(connection, options);

        Assert.Equal(expected, SqliteConnections.ReadInt64(connection, "PRAGMA synchronous"));
        using var reader = SqliteConnections.OpenForReading(options);
        Assert.Throws<Microsoft.Data.Sqlite.SqliteException>(() => SqliteConnections.Execute(reader, "CREATE TABLE t (x)"));
    }

    [Fact]
    public void Full_is_the_default() => Assert.Equal(SqliteSynchronous.Full, new SqliteOptions().Synchronous);

    [Fact]
    public void Names_the_setting_that_is_out_of_range()
    {
        var options = _database.Options;
        options.ReadConnections = 0;
        var failure = Assert.Throws<ArgumentException>(() => SqliteDocumentStore.Open(options));
        Assert.Contains("Levee:Storage:ReadConnections", failure.Message, StringComparison.Ordinal);
        Assert.Contains("Levee:Storage:Path", Assert.Throws<ArgumentException>(new SqliteOptions().Validate).Message, StringComparison.Ordinal);
    }

    private void Refuses(string reason)
    {
        var failure = Assert.Throws<StorageException>(_database.Open);
        Assert.Contains(_database.Path, failure.Message, StringComparison.Ordinal);
        Assert.Contains(reason, failure.Message, StringComparison.Ordinal);
    }
}
