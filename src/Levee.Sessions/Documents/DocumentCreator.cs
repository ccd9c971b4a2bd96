using Levee.Protocol;
using Levee.Storage;

namespace Levee.Sessions;

/// <summary>Creates documents: objects, head and state in one step of the store. May be called from any thread.</summary>
public sealed class DocumentCreator(IDocumentStore store, TimeProvider time)
{
    /// <summary>Creates a document. False when there is one of that id.</summary>
    /// <exception cref="MalformedMessageException">What it shall start with can not be used; the message says what.</exception>
    public async Task<bool> CreateAsync(DocumentKey key, DocumentDraft draft, CancellationToken cancellationToken)
    {
        if (!DocumentId.IsValid(key.DocumentId))
        {
            throw new MalformedMessageException($"id must be {DocumentId.Form}");
        }

        var now = time.GetUtcNow();
        var protocol = InitialProtocol.Of(draft);
        var document = DocumentCreation.Create(key, now, protocol.SequenceNumber, protocol.Values);
        if (draft.Summary is { } summary)
        {
            var (objects, head) = await new InitialSummary(store, key.TenantId).BuildAsync(summary, protocol, now, cancellationToken);
            document = document with { Objects = objects, Head = head };
        }

        return await store.CreateDocumentAsync(document, cancellationToken);
    }
}
