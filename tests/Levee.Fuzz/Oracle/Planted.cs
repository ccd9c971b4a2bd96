using Levee.Testing;

namespace Levee.Fuzz.Oracle;

/// <summary>What must never be read in a log.</summary>
internal static class Planted
{
    /// <summary>Stands in the contents of ops and signals; no id and no topic may hold its space.</summary>
    internal const string Content = "planted content";

    // {"alg":"HS256","typ":"JWT"}: every token of ours begins so.
    private const string TokenHead = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";

    /// <summary>All of them.</summary>
    internal static IReadOnlyList<string> All { get; } = [Content, TokenHead, TestTenants.Default.Secret, TestTenants.Other.Secret];
}
