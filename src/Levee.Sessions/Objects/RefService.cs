using Levee.Protocol;
using Levee.Protocol.Git;
using Levee.Storage;

namespace Levee.Sessions;

/// <summary>
/// Makes and moves a tenant's refs. The head of a document is not a client's to move: only an acknowledged summary moves it, so such a
/// request is granted in words and changes nothing. May be called from any thread.
/// </summary>
public sealed class RefService(IDocumentStore store)
{
    // Each failed attempt means that another's succeeded, so this many are seen only by a client among hundreds.
    private const int MaxAttempts = 64;

    private readonly ObjectReader _objects = new(store);
    private readonly CommitService _commits = new(store);

    /// <summary>Makes a ref.</summary>
    /// <exception cref="MalformedMessageException">The name is none, or there is no such commit.</exception>
    public async Task<RefOutcome> CreateAsync(string tenantId, string name, ObjectId target, CancellationToken cancellationToken)
    {
        await RequireAsync(tenantId, name, target, cancellationToken);
        if (await store.FindRefAsync(tenantId, name, cancellationToken) is not null)
        {
            return RefOutcome.Exists;
        }

        return await IsHeadAsync(tenantId, name, cancellationToken)
            || await store.UpdateRefAsync(tenantId, name, null, target, cancellationToken) ? RefOutcome.Done : RefOutcome.Exists;
    }

    /// <summary>Moves a ref, or makes it. Without <paramref name="force"/>, only to a commit that descends from where it points.</summary>
    /// <exception cref="MalformedMessageException">The name is none, or there is no such commit.</exception>
    public async Task<RefOutcome> MoveAsync(
        string tenantId, string name, ObjectId target, bool force, CancellationToken cancellationToken)
    {
        await RequireAsync(tenantId, name, target, cancellationToken);
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            // A document that is created after this look is safe: the store does not move its head, and the next attempt sees it.
            var current = await store.FindRefAsync(tenantId, name, cancellationToken);
            if (await IsHeadAsync(tenantId, name, cancellationToken))
            {
                return RefOutcome.Done;
            }

            if (!force && current is { } old && !await _commits.DescendsAsync(tenantId, target, old, cancellationToken))
            {
                return RefOutcome.NotFastForward;
            }

            if (current == target || await store.UpdateRefAsync(tenantId, name, current, target, cancellationToken))
            {
                return RefOutcome.Done;
            }
        }

        return RefOutcome.Contended;
    }

    /// <summary>
    /// Whether a ref is for the eyes of who has a token for <paramref name="documentId"/>: the head of another document is not, for it leads
    /// to all that the document holds.
    /// </summary>
    public async Task<bool> MayReadAsync(string tenantId, string name, string documentId, CancellationToken cancellationToken) =>
        GitRef.DocumentOf(name) == documentId || !await IsHeadAsync(tenantId, name, cancellationToken);

    private async Task RequireAsync(string tenantId, string name, ObjectId target, CancellationToken cancellationToken)
    {
        if (!RefName.IsValid(name))
        {
            throw new MalformedMessageException($"ref must be {RefName.Form}");
        }

        await _objects.RequireKindAsync(tenantId, target, GitObjectKind.Commit, cancellationToken);
    }

    private async Task<bool> IsHeadAsync(string tenantId, string name, CancellationToken cancellationToken) =>
        GitRef.DocumentOf(name) is { } document
        && await store.FindDocumentAsync(new DocumentKey(tenantId, document), cancellationToken) is not null;
}
