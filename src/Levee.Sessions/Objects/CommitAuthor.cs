using System.Globalization;

namespace Levee.Sessions;

/// <summary>Who made a commit, and when.</summary>
/// <param name="Name">The name.</param>
/// <param name="Email">The address; may be empty.</param>
/// <param name="When">The moment, to the second, with its offset from UTC.</param>
public sealed record CommitAuthor(string Name, string Email, DateTimeOffset When)
{
    /// <summary>The service itself, which commits initial and acknowledged summaries.</summary>
    public static CommitAuthor Service(DateTimeOffset now) => new("Levee", "levee@localhost", now.ToUniversalTime());

    /// <summary>The form of a commit's header: <c>name &lt;email&gt; seconds +hhmm</c>. As git does, it drops what would break that form.</summary>
    internal string ToHeader()
    {
        var offset = When.Offset;
        var name = Clean(Name);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{(name.Length == 0 ? "unknown" : name)} <{Clean(Email)}> {When.ToUnixTimeSeconds()} {(offset < TimeSpan.Zero ? '-' : '+')}{offset:hhmm}");
    }

    /// <summary>Reads a header's value.</summary>
    internal static CommitAuthor Parse(string header)
    {
        var open = header.LastIndexOf('<');
        var close = header.LastIndexOf('>');
        var when = header[(close + 2)..].Split(' ');
        var offset = new TimeSpan(
            int.Parse(when[1].AsSpan(1, 2), CultureInfo.InvariantCulture), int.Parse(when[1].AsSpan(3, 2), CultureInfo.InvariantCulture), 0);
        var moment = DateTimeOffset.FromUnixTimeSeconds(long.Parse(when[0], CultureInfo.InvariantCulture));
        return new CommitAuthor(
            header[..open].TrimEnd(' '), header[(open + 1)..close], moment.ToOffset(when[1][0] == '-' ? -offset : offset));
    }

    private static string Clean(string text) => string.Concat(text.Where(c => c is not ('<' or '>') && !char.IsControl(c))).Trim(' ', '.', ',', ':', ';', '"', '\'');
}
