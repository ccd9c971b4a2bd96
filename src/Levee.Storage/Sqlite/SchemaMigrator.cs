using System.Globalization;
using System.Reflection;
using Microsoft.Data.Sqlite;
using static Levee.Storage.Sqlite.SqliteConnections;

namespace Levee.Storage.Sqlite;

/// <summary>
/// Brings a file to the schema of this version. Migrations are the embedded files <c>Migrations/NNNN_name.sql</c>, applied in order; the
/// file's <c>user_version</c> says how many it has had. A released migration is never edited.
/// </summary>
internal static class SchemaMigrator
{
    // Set by the first migration.
    private const long ApplicationId = 0x4C455645;

    private const string Folder = "Levee.Storage.Sqlite.Migrations.";

    private static readonly IReadOnlyList<string> Migrations = Load();

    /// <summary>The schema version that this build writes.</summary>
    public static int Latest => Migrations.Count;

    /// <summary>Throws, having changed nothing, unless the file is empty or ours and not from the future.</summary>
    public static void Recognize(SqliteConnection connection)
    {
        var applicationId = ReadInt64(connection, "PRAGMA application_id");
        if (applicationId != ApplicationId && !(applicationId == 0 && IsEmpty(connection)))
        {
            throw new StorageException("The file is a SQLite database of something else; choose another data directory.");
        }

        RefuseTheFuture(Version(connection));
    }

    /// <summary>Applies the migrations that the file lacks, all or none. Returns the version that it had.</summary>
    public static int Migrate(SqliteConnection connection)
    {
        // Whatever throws in here is rolled back when the caller closes the connection.
        Execute(connection, "BEGIN IMMEDIATE");
        // Read again under the lock: another process may have migrated meanwhile.
        var version = Version(connection);
        RefuseTheFuture(version);
        for (var next = version; next < Latest; next++)
        {
            Execute(connection, Migrations[next]);
        }

        Execute(connection, string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {Latest}; COMMIT"));
        return version;
    }

    private static bool IsEmpty(SqliteConnection connection) => ReadInt64(connection, "SELECT count(*) FROM sqlite_schema") == 0;

    private static int Version(SqliteConnection connection) => (int)ReadInt64(connection, "PRAGMA user_version");

    private static void RefuseTheFuture(int version)
    {
        if (version > Latest || version < 0)
        {
            throw new StorageException(
                $"The file has schema version {version}; this version of Levee knows up to {Latest}. Start a newer Levee, or restore a backup.");
        }
    }

    private static string[] Load()
    {
        var assembly = Assembly.GetExecutingAssembly();
        var names = assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Folder, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .ToArray();
        return [.. names.Select((name, index) => Read(assembly, name, index + 1))];
    }

    private static string Read(Assembly assembly, string name, int number)
    {
        if (!name.StartsWith(string.Create(CultureInfo.InvariantCulture, $"{Folder}{number:D4}_"), StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"Migrations must be numbered without a gap: {name} is not number {number}.");
        }

        using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}
