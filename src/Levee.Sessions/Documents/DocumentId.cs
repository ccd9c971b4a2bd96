using System.Buffers;
using System.Security.Cryptography;

namespace Levee.Sessions;

/// <summary>
/// The form of a document's id: 1 to 256 letters, digits and <c>- _ . ~ : @ + =</c>, not of dots only, and not the <c>__new__</c> that
/// tokens for creating documents carry. It fits into a URL's segment, a topic (where an id may have colons) and a ref's name as it is.
/// </summary>
public static class DocumentId
{
    /// <summary>The most characters of an id.</summary>
    public const int MaxLength = 256;

    /// <summary>What a refusal says.</summary>
    public const string Form = "1 to 256 letters, digits and - _ . ~ : @ + =, not only dots, and not __new__";

    internal const string Characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~:@+=";

    private const string New = "__new__";

    private static readonly SearchValues<char> Allowed = SearchValues.Create(Characters);

    /// <summary>Whether the text is a document's id.</summary>
    public static bool IsValid(string? id) =>
        id is { Length: >= 1 and <= MaxLength }
        && id != New
        && !id.AsSpan().ContainsAnyExcept(Allowed)
        && id.AsSpan().ContainsAnyExcept('.');

    /// <summary>A new id, 32 hex digits, that nobody can guess.</summary>
    public static string Generate() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
}
