using Levee.Protocol.Git;

namespace Levee.Storage;

/// <summary>A named pointer to a commit.</summary>
/// <param name="Name">The full name, such as <c>refs/heads/main</c>.</param>
/// <param name="Target">The commit it points to.</param>
public sealed record GitRef(string Name, ObjectId Target)
{
    private const string Heads = "refs/heads/";

    /// <summary>The ref that holds a document's head: its initial or last acknowledged summary.</summary>
    public static string OfDocument(string documentId) => Heads + documentId;

    /// <summary>The document whose head a ref would be, whether or not there is such a document; null for a name outside <c>refs/heads/</c>.</summary>
    public static string? DocumentOf(string name) => name.StartsWith(Heads, StringComparison.Ordinal) ? name[Heads.Length..] : null;
}
