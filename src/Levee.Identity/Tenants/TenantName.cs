namespace Levee.Identity;

/// <summary>The form of a tenant's name: 1 to 200 characters, not only white space, no control characters.</summary>
public static class TenantName
{
    /// <summary>The most characters (UTF-16 code units) a name may have.</summary>
    public const int MaximumLength = 200;

    internal const string Form = "1 to 200 characters, without control characters";

    /// <summary>Whether the text can be a tenant's name.</summary>
    /// <param name="name">Anything, also from a client.</param>
    public static bool IsValid(string? name) =>
        name is { Length: <= MaximumLength } && !string.IsNullOrWhiteSpace(name) && !name.Any(char.IsControl);
}
