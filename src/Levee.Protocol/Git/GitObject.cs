using System.Security.Cryptography;
using System.Text;

namespace Levee.Protocol.Git;

/// <summary>An immutable object: its kind, its bytes (git's canonical form without the header), and the id that follows from both.</summary>
public sealed class GitObject
{
    private GitObject(ObjectId id, GitObjectKind kind, ReadOnlyMemory<byte> content)
    {
        Id = id;
        Kind = kind;
        Content = content;
    }

    /// <summary>The object's id.</summary>
    public ObjectId Id { get; }

    /// <summary>What it is.</summary>
    public GitObjectKind Kind { get; }

    /// <summary>A blob's bytes, or the canonical form of a tree or commit.</summary>
    public ReadOnlyMemory<byte> Content { get; }

    /// <summary>Makes an object and computes its id.</summary>
    public static GitObject Create(GitObjectKind kind, ReadOnlyMemory<byte> content) => new(Hash(kind, content.Span), kind, content);

    /// <summary>Makes a blob of these bytes.</summary>
    public static GitObject Blob(ReadOnlyMemory<byte> content) => Create(GitObjectKind.Blob, content);

    /// <summary>Makes a blob of this text in UTF-8.</summary>
    public static GitObject Blob(string text) => Blob(Encoding.UTF8.GetBytes(text));

    /// <summary>An object that a store read back: its id was computed when it was written.</summary>
    public static GitObject Stored(ObjectId id, GitObjectKind kind, ReadOnlyMemory<byte> content) => new(id, kind, content);

    private static ObjectId Hash(GitObjectKind kind, ReadOnlySpan<byte> content)
    {
        var name = kind switch
        {
            GitObjectKind.Blob => "blob",
            GitObjectKind.Tree => "tree",
            GitObjectKind.Commit => "commit",
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a git object kind."),
        };

#pragma warning disable CA5350 // Ids are git's, which are SHA-1: stock Fluid clients compute and compare them.
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
#pragma warning restore CA5350
        sha.AppendData(Encoding.ASCII.GetBytes($"{name} {content.Length}\0"));
        sha.AppendData(content);
        Span<byte> hash = stackalloc byte[ObjectId.Length];
        sha.GetHashAndReset(hash);
        return new ObjectId(hash);
    }
}
