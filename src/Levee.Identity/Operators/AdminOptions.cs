namespace Levee.Identity;

/// <summary>Settings of the section <c>Levee:Admin</c>.</summary>
public sealed class AdminOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Levee:Admin";

    /// <summary>The environment variable that sets <see cref="Key"/>, named as in the original Levee; it wins over the section.</summary>
    public const string KeyVariable = "LEVEE_ADMIN_KEY";

    /// <summary>
    /// What operators send as <c>Authorization: Bearer</c> to <c>/api/admin</c>. It has the form of a <see cref="TenantSecret"/>. Without
    /// one nobody is an operator.
    /// </summary>
    public string? Key { get; set; }
}
