using Levee.Protocol.Git;

namespace Levee.Storage;

/// <summary>A named pointer to a commit.</summary>
/// <param name="Name">The full name, such as <c>refs/heads/main</c>.</param>
/// <param name="Target">The commit it points to.</param>
public sealed record GitRef(string Name, ObjectId Target)
{
    /// <summary>The ref that holds a document's head: its initial or last acknowledged summary.</summary>
    public static string OfDocument(string documentId) => "refs/heads/" + documentId;
}
