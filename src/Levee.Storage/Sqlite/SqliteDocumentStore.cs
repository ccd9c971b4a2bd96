using Levee.Protocol;
using Levee.Protocol.Git;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Levee.Storage.Sqlite;

/// <summary>
/// Keeps everything in one SQLite file. All writes go through one thread that commits them in groups; reads run on the caller's
/// thread, on connections of their own, and complete synchronously unless all of those are in use.
/// </summary>
public sealed partial class SqliteDocumentStore : IDocumentStore, ITenantStore, IRevocationStore, IStorageHealth
{
    private readonly SqliteWriter _connection;
    private readonly SqliteReaderPool _readers;
    private readonly GroupCommit _writer;
    private readonly SqliteHealth _health;
    private readonly ILogger _logger;
    private int _disposed;

    private SqliteDocumentStore(SqliteWriter connection, SqliteOptions options, ILogger logger)
    {
        _connection = connection;
        _logger = logger;
        _health = new SqliteHealth(options.StallTimeout, logger);
        _readers = new SqliteReaderPool(options, OnReadFailed);
        _writer = new GroupCommit(connection, options, Metrics, _health, logger);
    }

    /// <inheritdoc/>
    public StorageTrouble? Trouble => _health.Trouble;

    internal StorageMetrics Metrics { get; } = new();

    /// <summary>
    /// Opens the file, or creates it and its directory, and brings it to the current schema. Throws a <see cref="StorageException"/>
    /// and changes nothing when the file is not a database, damaged, not ours, from a newer version, or cannot be written, and when it is
    /// missing or empty where there was one.
    /// </summary>
    public static SqliteDocumentStore Open(SqliteOptions options, ILogger<SqliteDocumentStore>? logger = null)
    {
        options.Validate();
        logger ??= NullLogger<SqliteDocumentStore>.Instance;
        SqliteConnection? connection = null;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(options.Path))!);
            DatabaseFile.Check(options);
            connection = SqliteConnections.OpenForWriting(options);
            SchemaMigrator.Recognize(connection);
            SqliteConnections.MakeDurable(connection, options);
            var before = SchemaMigrator.Migrate(connection);
            LogOpened(logger, options.Path, options.Synchronous, before, SchemaMigrator.Latest);
            return new SqliteDocumentStore(new SqliteWriter(connection), options, logger);
        }
        catch (Exception failure) when (failure is SqliteException or StorageException or IOException or UnauthorizedAccessException)
        {
            connection?.Dispose();
            var explained = SqliteErrors.Explain("Opening failed", failure);
            throw new StorageException($"Cannot open {options.Path}. {explained.Message}", failure, explained.Fault);
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> CreateDocumentAsync(NewDocument document, CancellationToken cancellationToken)
    {
        Check(document.Key);
        var bytes = Size(document.Objects) + document.InitialState.Length;
        return _writer.WriteAsync(writer => writer.Documents.Create(document), bytes, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<DocumentRecord?> FindDocumentAsync(DocumentKey key, CancellationToken cancellationToken) =>
        _readers.ReadAsync(reader => reader.FindDocument(key), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<AppendOutcome> AppendAsync(AppendRequest request, CancellationToken cancellationToken)
    {
        Check(request.Key);
        if (request.Checkpoint is { } checkpoint && checkpoint.SequenceNumber > request.Deltas.LastSequenceNumber)
        {
            throw new ArgumentException("The checkpoint must not be beyond the batch.", nameof(request));
        }

        var bytes = request.Deltas.Json.Length + (request.Checkpoint?.State.Length ?? 0);
        return _writer.WriteAsync(writer => writer.Documents.Append(request), bytes, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<DeltaBatch> ReadDeltasAsync(
        DocumentKey key, long after, long through, int maxCount, int maxBytes, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxCount);
        return _readers.ReadAsync(reader => reader.ReadDeltas(key, after, through, maxCount, maxBytes), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<Checkpoint?> ReadCheckpointAsync(DocumentKey key, CancellationToken cancellationToken) =>
        _readers.ReadAsync(reader => reader.ReadCheckpoint(key), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<bool> WriteCheckpointAsync(DocumentKey key, Checkpoint checkpoint, CancellationToken cancellationToken)
    {
        Check(key);
        return _writer.WriteAsync(
            writer => writer.Documents.WriteCheckpoint(key, checkpoint), checkpoint.State.Length, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask PutObjectsAsync(string tenantId, IReadOnlyCollection<GitObject> objects, CancellationToken cancellationToken)
    {
        StoredText.Check(tenantId);
        await _writer.WriteAsync(
            writer =>
            {
                writer.Git.Put(tenantId, objects);
                return true;
            },
            Size(objects),
            cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<GitObject?> FindObjectAsync(string tenantId, ObjectId id, CancellationToken cancellationToken) =>
        _readers.ReadAsync(reader => reader.FindObject(tenantId, id), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<GitObjectKind?> FindObjectKindAsync(string tenantId, ObjectId id, CancellationToken cancellationToken) =>
        _readers.ReadAsync(reader => reader.FindObjectKind(tenantId, id), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ObjectId?> FindRefAsync(string tenantId, string name, CancellationToken cancellationToken) =>
        _readers.ReadAsync(reader => reader.FindRef(tenantId, name), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<GitRef>?> ListRefsAsync(
        string tenantId, string documentId, int maxCount, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxCount);
        return _readers.ReadAsync(reader => reader.ListRefs(tenantId, documentId, maxCount), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<bool> UpdateRefAsync(
        string tenantId, string name, ObjectId? expected, ObjectId target, CancellationToken cancellationToken)
    {
        StoredText.Check(tenantId);
        StoredText.Check(name);
        return _writer.WriteAsync(writer => writer.Git.UpdateRef(tenantId, name, expected, target), 0, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StoredTenant>> ListTenantsAsync(CancellationToken cancellationToken) =>
        _readers.ReadAsync(reader => reader.ListTenants(), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask SaveTenantAsync(StoredTenant tenant, CancellationToken cancellationToken)
    {
        StoredText.Check(tenant.Id);
        StoredText.Check(tenant.Name);
        await _writer.WriteAsync(
            writer =>
            {
                writer.Tenants.Save(tenant);
                return true;
            },
            0,
            cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<bool> DeleteTenantAsync(string tenantId, CancellationToken cancellationToken)
    {
        StoredText.Check(tenantId);
        return _writer.WriteAsync(writer => writer.Tenants.Delete(tenantId), 0, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StoredRevocation>> ListRevocationsAsync(CancellationToken cancellationToken) =>
        _readers.ReadAsync(reader => reader.ListRevocations(), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask SaveRevocationAsync(StoredRevocation revocation, CancellationToken cancellationToken)
    {
        StoredText.Check(revocation.TenantId);
        StoredText.Check(revocation.Subject);
        StoredText.Check(revocation.Id);
        StoredText.Check(revocation.Reason ?? "");
        await _writer.WriteAsync(
            writer =>
            {
                writer.Revocations.Save(revocation);
                return true;
            },
            0,
            cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<bool> DeleteRevocationAsync(
        string tenantId, RevocationKind kind, string subject, CancellationToken cancellationToken)
    {
        StoredText.Check(tenantId);
        StoredText.Check(subject);
        return _writer.WriteAsync(writer => writer.Revocations.Delete(tenantId, kind, subject), 0, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DeleteExpiredRevocationsAsync(DateTimeOffset moment, CancellationToken cancellationToken) =>
        await _writer.WriteAsync(writer => writer.Revocations.DeleteExpired(moment), 0, cancellationToken);

    /// <summary>Commits every write that was accepted, folds the write-ahead log into the file, and closes it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _writer.DisposeAsync();
        _readers.Dispose();
        try
        {
            _connection.FoldLog();
        }
        catch (SqliteException failure)
        {
            // Nothing is lost: the log is folded at the next opening.
            LogNotFolded(_logger, failure);
        }

        _connection.Dispose();
        Metrics.Dispose();
    }

    /// <summary>Makes the file full at this many pages, for tests: the same error as a full disk gives.</summary>
    internal ValueTask<bool> LimitPagesAsync(long pages) =>
        _writer.WriteAsync(writer => writer.LimitPages(pages), 0, CancellationToken.None);

    private void OnReadFailed(StorageException failure)
    {
        if (_health.Failed(failure) && _health.NeedsProbe)
        {
            _writer.Probe();
        }
    }

    private static void Check(DocumentKey key)
    {
        StoredText.Check(key.TenantId);
        StoredText.Check(key.DocumentId);
    }

    private static int Size(IReadOnlyCollection<GitObject> objects) =>
        (int)Math.Min(int.MaxValue / 2, objects.Sum(static item => (long)item.Content.Length));

    [LoggerMessage(10, LogLevel.Information, "Opened {Path}, synchronous {Synchronous}, schema {Before} -> {Latest}")]
    private static partial void LogOpened(ILogger logger, string path, SqliteSynchronous synchronous, int before, int latest);

    [LoggerMessage(11, LogLevel.Warning, "The write-ahead log could not be folded into the file; the next start does it")]
    private static partial void LogNotFolded(ILogger logger, Exception failure);
}
