using System.Buffers;

namespace Levee.Sessions;

/// <summary>
/// The form of a ref's name: <c>refs/</c> and segments separated by slashes, of the characters that document ids have (so that each has
/// its ref), none of them empty or made of dots only.
/// </summary>
public static class RefName
{
    /// <summary>The most characters of a name.</summary>
    public const int MaxLength = 512;

    /// <summary>What a refusal says.</summary>
    public const string Form = "refs/ and names of letters, digits and - _ . ~ : @ + = separated by slashes, at most 512 characters";

    private const string Prefix = "refs/";

    private static readonly SearchValues<char> Allowed = SearchValues.Create(DocumentId.Characters + "/");

    /// <summary>Whether the text is a ref's name.</summary>
    public static bool IsValid(string? name) =>
        name is { Length: > 5 and <= MaxLength }
        && name.StartsWith(Prefix, StringComparison.Ordinal)
        && !name.AsSpan().ContainsAnyExcept(Allowed)
        && name.Split('/').All(segment => segment.AsSpan().ContainsAnyExcept('.'));
}
