using Levee.Protocol;
using Microsoft.Data.Sqlite;

namespace Levee.Storage.Sqlite;

/// <summary>Writes to catalog, op log and checkpoints, inside the transaction of a group. Each checks everything before it writes anything.</summary>
internal sealed class DocumentWrites(SqliteConnection connection, GitWrites git) : IDisposable
{
    private readonly SqliteStatement _find = new(connection,
        "SELECT id, last_sn FROM documents WHERE tenant = ?1 AND document = ?2");

    private readonly SqliteStatement _create = new(connection, """
        INSERT INTO documents (tenant, document, created_at, initial_sn, last_sn) VALUES (?1, ?2, ?3, ?4, ?4)
        ON CONFLICT (tenant, document) DO NOTHING
        """);

    private readonly SqliteStatement _initialState = new(connection,
        "INSERT INTO initial_states (document_id, state) VALUES (?1, ?2)");

    private readonly SqliteStatement _advance = new(connection,
        "UPDATE documents SET last_sn = ?3 WHERE id = ?1 AND last_sn = ?2");

    private readonly SqliteStatement _insertOp = new(connection,
        "INSERT INTO ops (document_id, sn, json) VALUES (?1, ?2, ?3)");

    private readonly SqliteStatement _checkpoint = new(connection, """
        INSERT INTO checkpoints (document_id, sn, state) VALUES (?1, ?2, ?3)
        ON CONFLICT (document_id) DO UPDATE SET sn = excluded.sn, state = excluded.state WHERE excluded.sn >= checkpoints.sn
        """);

    public bool Create(NewDocument document)
    {
        var (tenant, id) = document.Key;
        _create.Bind(1, tenant).Bind(2, id).Bind(3, document.CreatedAt.ToUnixTimeMilliseconds()).Bind(4, document.InitialSequenceNumber);
        if (_create.Execute() == 0)
        {
            return false;
        }

        git.Put(tenant, document.Objects);
        git.SetRef(tenant, GitRef.OfDocument(id), document.Head);
        var row = Find(document.Key)!.Value;
        _initialState.Bind(1, row.Id).Bind(2, document.InitialState.Span).Execute();
        return true;
    }

    public AppendOutcome Append(AppendRequest request)
    {
        if (Find(request.Key) is not { } row)
        {
            return AppendOutcome.UnknownDocument;
        }

        if (request.Deltas.FirstSequenceNumber != row.Last + 1)
        {
            return AppendOutcome.Fenced;
        }

        var (tenant, document) = request.Key;
        var head = GitRef.OfDocument(document);
        if (request.Head is { } move && git.FindRef(tenant, head) != move.Expected)
        {
            return AppendOutcome.HeadMoved;
        }

        InsertOps(row, request.Deltas);
        if (request.Head is { } update)
        {
            git.SetRef(tenant, head, update.Target);
        }

        if (request.Checkpoint is { } checkpoint)
        {
            Keep(row.Id, checkpoint);
        }

        return AppendOutcome.Appended;
    }

    public bool WriteCheckpoint(DocumentKey key, Checkpoint checkpoint) =>
        Find(key) is { } row && checkpoint.SequenceNumber <= row.Last && Keep(row.Id, checkpoint);

    public void Dispose()
    {
        _find.Dispose();
        _create.Dispose();
        _initialState.Dispose();
        _advance.Dispose();
        _insertOp.Dispose();
        _checkpoint.Dispose();
    }

    private (long Id, long Last)? Find(DocumentKey key)
    {
        using var rows = _find.Bind(1, key.TenantId).Bind(2, key.DocumentId).Query();
        return rows.Step() ? (rows.Int64(0), rows.Int64(1)) : null;
    }

    private void InsertOps((long Id, long Last) row, DeltaBatch deltas)
    {
        for (var i = 0; i < deltas.Count; i++)
        {
            _insertOp.Bind(1, row.Id).Bind(2, deltas.FirstSequenceNumber + i).Bind(3, deltas[i].Span).Execute();
        }

        // The group holds the write lock since before the row was read, so this cannot miss; if it ever does, nothing may be kept.
        if (_advance.Bind(1, row.Id).Bind(2, row.Last).Bind(3, deltas.LastSequenceNumber).Execute() != 1)
        {
            throw new StorageException("The last sequence number of a document moved under the write lock.");
        }
    }

    private bool Keep(long id, Checkpoint checkpoint) =>
        _checkpoint.Bind(1, id).Bind(2, checkpoint.SequenceNumber).Bind(3, checkpoint.State.Span).Execute() == 1;
}
