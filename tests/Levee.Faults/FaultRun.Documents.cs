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
            await NewDocument.CreateAsync(_run.Api, id, kind, cancellationToken);
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
}
