using Levee.Protocol;
using Levee.Protocol.Git;
using Levee.Storage;

namespace Levee.Sessions;

/// <summary>Makes commits and knows their ancestry. May be called from any thread.</summary>
public sealed class CommitService(IDocumentStore store)
{
    private readonly ObjectReader _objects = new(store);

    /// <summary>Stores a commit whose tree and parents exist; a parent that is named twice counts once.</summary>
    /// <exception cref="MalformedMessageException">They do not, or a limit is passed; the message says which.</exception>
    public async Task<GitObject> CreateAsync(
        string tenantId,
        ObjectId tree,
        IReadOnlyCollection<ObjectId> parents,
        GitSignature author,
        GitSignature committer,
        string message,
        CancellationToken cancellationToken)
    {
        RequireMessage(message);
        if (parents.Count > ObjectLimits.MaxParents)
        {
            throw new MalformedMessageException($"parents must be at most {ObjectLimits.MaxParents}");
        }

        await _objects.RequireKindAsync(tenantId, tree, GitObjectKind.Tree, cancellationToken);
        foreach (var parent in parents)
        {
            await _objects.RequireKindAsync(tenantId, parent, GitObjectKind.Commit, cancellationToken);
        }

        var made = new GitCommit(tree, [.. parents.Distinct()], author, committer, message).ToObject();
        await store.PutObjectsAsync(tenantId, [made], cancellationToken);
        return made;
    }

    /// <summary>Checks the message that a client wants a commit to have.</summary>
    /// <exception cref="MalformedMessageException">It is too long or has a NUL.</exception>
    internal static void RequireMessage(string message)
    {
        if (message.Length > ObjectLimits.MaxMessageLength || message.Contains('\0'))
        {
            throw new MalformedMessageException($"message must have at most {ObjectLimits.MaxMessageLength} characters and no NUL");
        }
    }

    /// <summary>Reads a commit; null when the tenant has none with this id.</summary>
    public async Task<GitCommit?> FindAsync(string tenantId, ObjectId id, CancellationToken cancellationToken) =>
        await _objects.FindAsync(tenantId, id, GitObjectKind.Commit, cancellationToken) is { } commit ? ObjectReader.CommitOf(commit) : null;

    /// <summary>A commit and its ancestors by first parents, newest first, so many at most; empty when the tenant has no such commit.</summary>
    public async Task<IReadOnlyList<(ObjectId Id, GitCommit Commit)>> ListAsync(
        string tenantId, ObjectId newest, int count, CancellationToken cancellationToken)
    {
        var history = new List<(ObjectId, GitCommit)>();
        for (ObjectId? next = newest; next is { } id && history.Count < count;)
        {
            // A parent is there: a commit is stored only if its parents are.
            if (await FindAsync(tenantId, id, cancellationToken) is not { } commit)
            {
                break;
            }

            history.Add((id, commit));
            next = commit.Parents.Count > 0 ? commit.Parents[0] : null;
        }

        return history;
    }

    /// <summary>
    /// Whether a commit is another one or descends from it. Looks breadth first at so many commits as <see cref="ObjectLimits.MaxAncestors"/>,
    /// and says no beyond: a ref that lags that far behind is moved by force.
    /// </summary>
    public async Task<bool> DescendsAsync(string tenantId, ObjectId commit, ObjectId ancestor, CancellationToken cancellationToken)
    {
        var seen = new HashSet<ObjectId> { commit };
        var next = new Queue<ObjectId>(seen);
        while (next.TryDequeue(out var id))
        {
            if (id == ancestor)
            {
                return true;
            }

            var parents = (await _objects.ReadCommitAsync(tenantId, id, cancellationToken)).Parents;
            foreach (var parent in parents.Where(parent => seen.Count < ObjectLimits.MaxAncestors && seen.Add(parent)))
            {
                next.Enqueue(parent);
            }
        }

        return false;
    }
}
