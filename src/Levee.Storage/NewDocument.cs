using Levee.Protocol;
using Levee.Protocol.Git;

namespace Levee.Storage;

/// <summary>A document about to be created.</summary>
public sealed record NewDocument
{
    /// <summary>The document.</summary>
    public required DocumentKey Key { get; init; }

    /// <summary>When it is created.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Its log starts one above this number.</summary>
    public long InitialSequenceNumber { get; init; }

    /// <summary>The objects of its initial summary.</summary>
    public IReadOnlyCollection<GitObject> Objects { get; init; } = [];

    /// <summary>The commit that becomes its head, <see cref="GitRef.OfDocument"/>; null for a document without initial summary.</summary>
    public ObjectId? Head { get; init; }

    /// <summary>What a rebuild from the log starts with; what it holds is the session's business.</summary>
    public required ReadOnlyMemory<byte> InitialState { get; init; }
}
