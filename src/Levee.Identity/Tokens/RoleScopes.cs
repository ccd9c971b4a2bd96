using Levee.Protocol;

namespace Levee.Identity;

/// <summary>What minted tokens allow, by role (contract, section 5).</summary>
public static class RoleScopes
{
    /// <summary>For viewers: read.</summary>
    public static IReadOnlyList<string> ReadOnly { get; } = [Scopes.DocRead];

    /// <summary>For members: read and write.</summary>
    public static IReadOnlyList<string> ReadWrite { get; } = [Scopes.DocRead, Scopes.DocWrite];

    /// <summary>For owners and admins: read, write and summarize.</summary>
    public static IReadOnlyList<string> FullAccess { get; } =
        [Scopes.DocRead, Scopes.DocWrite, Scopes.SummaryRead, Scopes.SummaryWrite];
}
