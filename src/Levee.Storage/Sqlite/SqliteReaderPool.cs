using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Levee.Storage.Sqlite;

/// <summary>Read connections, opened as they are needed and kept. In WAL mode they see a snapshot and never wait for the writer.</summary>
internal sealed class SqliteReaderPool(SqliteOptions options, Action<StorageException> onFailed) : IDisposable
{
    private readonly SemaphoreSlim _room = new(options.ReadConnections);
    private readonly ConcurrentBag<SqliteReader> _idle = [];
    private volatile bool _disposed;

    /// <summary>Runs a query on the caller's thread, once one of the connections is free.</summary>
    public async ValueTask<T> ReadAsync<T>(Func<SqliteReader, T> query, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, typeof(SqliteDocumentStore));
        await _room.WaitAsync(cancellationToken);
        SqliteReader? reader = null;
        try
        {
            reader = _idle.TryTake(out var idle) ? idle : new SqliteReader(SqliteConnections.OpenForReading(options));
            return query(reader);
        }
        catch (Exception failure) when (failure is SqliteException or StorageException)
        {
            var explained = SqliteErrors.Explain("Reading failed", failure);
            onFailed(explained);
            throw explained;
        }
        finally
        {
            Return(reader);
            _room.Release();
        }
    }

    /// <summary>Closes what is idle; a connection in use is closed when it comes back.</summary>
    public void Dispose()
    {
        _disposed = true;
        CloseIdle();
    }

    private void Return(SqliteReader? reader)
    {
        if (reader is not null)
        {
            _idle.Add(reader);
        }

        // Looked at after adding: either this or Dispose sees the connection.
        if (_disposed)
        {
            CloseIdle();
        }
    }

    private void CloseIdle()
    {
        while (_idle.TryTake(out var reader))
        {
            reader.Dispose();
        }
    }
}
