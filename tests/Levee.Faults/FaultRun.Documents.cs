using Levee.Faults.Clients;
using Levee.Faults.Record;

namespace Levee.Faults;

/// <content>The documents and their clients.</content>
internal sealed partial class FaultRun
{
    private async Task CreateDocumentsAsync(CancellationToken cancellationToken)
    {
        for (var i = 0; i < _options.Documents; i++)
        {
            var id = $"document-{i}";
            var kind = i % 2 == 0 ? RestClientKind.Levee : RestClientKind.Fluid;
            await _run.Api.SendAsync(
                HttpMethod.Post, $"/documents/{ServerApi.Tenant}", new { id, summary = InitialSummary(kind), sequenceNumber = 0 }, id, kind, cancellationToken);
            var head = await new SummaryLoad(_run.Api, id).ReadHeadAsync(cancellationToken);
            var record = new DocumentRecord(id, head.Commit);
            _documents.Add(new DocumentCheck(_run.Api, record));
            AddClients(record, i);
        }
    }

    private void AddClients(DocumentRecord record, int document)
    {
        foreach (var socket in Enum.GetValues<SocketKind>())
        {
            Add("writer-1", socket, ClientRole.Writer);
            Add("writer-2", socket, ClientRole.Writer);
            Add("reader", socket, ClientRole.Reader);
        }

        var dialect = document % 2 == 0 ? SocketKind.SocketIo : SocketKind.Phoenix;
        _clients.Add(new Summarizer(_run, record, $"{record.DocumentId} {dialect} summarizer", dialect, _random.Next()));
        _clients.Add(new LibraryClient(_run, record, $"{record.DocumentId} library", _random.Next()));

        void Add(string name, SocketKind socket, ClientRole role) =>
            _clients.Add(new FaultClient(_run, record, $"{record.DocumentId} {socket} {name}", socket, role, _random.Next()));
    }

    /// <summary>What both drivers create a document with, each in its form.</summary>
    private static object InitialSummary(RestClientKind kind)
    {
        if (kind == RestClientKind.Levee)
        {
            var kept = Tree("kept", Tree("body", new { type = 2, content = SummaryUpload.InitialKept }));
            return new { type = 1, tree = new Dictionary<string, object> { [".app"] = Tree(".channels", kept), [".protocol"] = Tree() } };
        }

        var blob = new { type = "blob", content = SummaryUpload.InitialKept, encoding = "utf-8" };
        return Entries(".channels", "tree", Entries("kept", "tree", Entries("body", "blob", blob)));

        static object Tree(string? name = null, object? child = null) =>
            new { type = 1, tree = name is null ? [] : new Dictionary<string, object?> { [name] = child } };

        static object Entries(string path, string type, object value) => new { type = "tree", entries = new[] { new { path, type, value } } };
    }
}
