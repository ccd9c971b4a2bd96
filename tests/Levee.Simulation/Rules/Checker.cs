using Levee.Protocol;
using Levee.Storage;

namespace Levee.Simulation;

/// <summary>
/// Knows the rules that a Fluid service must keep, and compares with them what becomes durable and what is told to clients, at the moment
/// at which it happens.
/// </summary>
internal sealed class Checker(Simulation simulation)
{
    private readonly Dictionary<DocumentKey, DocumentHistory> _documents = [];
    private readonly Dictionary<int, ConnectionRecord> _connections = [];
    private int _numbers;

    public IEnumerable<DocumentHistory> Documents => _documents.Values;

    public DocumentHistory Of(DocumentKey key) => _documents[key];

    public int NextConnection() => ++_numbers;

    public ConnectionRecord? FindConnection(int number) => _connections.GetValueOrDefault(number);

    /// <summary>A document was created.</summary>
    public void Created(NewDocument document) => _documents[document.Key] = new DocumentHistory(simulation, document);

    /// <summary>A client opens a connection.</summary>
    public void Opened(ConnectionRecord connection) => _connections[connection.Number] = connection;

    /// <summary>A write to a log became durable.</summary>
    public void Stored(AppendRequest append, SimulatedProcess process) => _documents[append.Key].Stored(append, process);

    /// <summary>A process or the machine has died: what was durable must still be there, and nothing else.</summary>
    public void AfterDeath()
    {
        foreach (var document in _documents.Values)
        {
            document.RequireAllIsThere();
        }
    }

    /// <summary>Everybody has left: nobody may be in a quorum, and nothing unanswered.</summary>
    public void AllIsOver()
    {
        foreach (var document in _documents.Values)
        {
            document.RequireAllIsThere();
            document.RequireNothingIsLeft();
        }
    }
}
