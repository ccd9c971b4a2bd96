using System.Buffers;

namespace Levee.Identity;

/// <summary>
/// The form of a tenant's id: 1 to 128 letters, digits, <c>-</c>, <c>_</c> and <c>.</c>, beginning with a letter or a digit.
/// So it never holds a <c>:</c> (which ends it in a topic) or a <c>/</c>, and is never <c>.</c> or <c>..</c> in a URL.
/// </summary>
public static class TenantId
{
    /// <summary>The most characters an id may have.</summary>
    public const int MaximumLength = 128;

    internal const string Form =
        "1 to 128 of the characters A-Z a-z 0-9 - _ . and begin with a letter or a digit";

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");

    /// <summary>Whether the text has the form of a tenant's id.</summary>
    /// <param name="id">Anything, also from a client.</param>
    public static bool IsValid(string? id) =>
        id is { Length: >= 1 and <= MaximumLength }
        && char.IsAsciiLetterOrDigit(id[0])
        && !id.AsSpan().ContainsAnyExcept(Allowed);
}
