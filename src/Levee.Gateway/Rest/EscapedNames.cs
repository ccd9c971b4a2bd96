using System.Text;
using Levee.Sessions;

namespace Levee.Gateway.Rest;

/// <summary>Escapes the names of a summary just as JavaScript's <c>encodeURIComponent</c>, whose inverse drivers apply when they load.</summary>
internal static class EscapedNames
{
    /// <summary>The same tree with escaped names at every level.</summary>
    public static SummaryTree In(SummaryTree tree) => tree with
    {
        Children = tree.Children.ToDictionary(
            child => Escape(child.Key), child => child.Value is SummaryTree inner ? In(inner) : child.Value, StringComparer.Ordinal),
    };

    /// <summary>.NET escapes five characters that JavaScript does not.</summary>
    private static string Escape(string name) => new StringBuilder(Uri.EscapeDataString(name))
        .Replace("%21", "!").Replace("%27", "'").Replace("%28", "(").Replace("%29", ")").Replace("%2A", "*")
        .ToString();
}
