using System.Globalization;
using System.Text;

namespace Levee.Protocol.Git;

/// <summary>
/// Who made a commit and when. Name and e-mail are cleaned as git cleans them (ident.c): any text becomes one that
/// <c>git fsck</c> accepts, and cleaning it again changes nothing.
/// </summary>
public sealed record GitSignature
{
    /// <summary>Longer names and addresses are cut. In UTF-16 units.</summary>
    public const int MaxLength = 1024;

    private const string Crud = ",:;<>\"\\'";

    /// <summary>Cleans the name and the address, and cuts the time to whole seconds since 1970 and its offset to minutes.</summary>
    public GitSignature(string name, string email, DateTimeOffset time)
    {
        Name = Clean(name);
        Email = Clean(email);
        var seconds = Math.Max(0, time.ToUnixTimeSeconds());
        Time = DateTimeOffset.FromUnixTimeSeconds(seconds).ToOffset(WholeMinutes(seconds, time.Offset));
    }

    /// <summary>The name; may be empty.</summary>
    public string Name { get; }

    /// <summary>The e-mail address; may be empty.</summary>
    public string Email { get; }

    /// <summary>The time, in whole seconds, with its offset from UTC.</summary>
    public DateTimeOffset Time { get; }

    /// <summary>Equal when the bytes are: the offset counts, too.</summary>
    public bool Equals(GitSignature? other) =>
        other is not null && Name == other.Name && Email == other.Email && Time.EqualsExact(other.Time);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Email, Time);

    /// <summary>The form in a commit: <c>name &lt;email&gt; seconds +hhmm</c>.</summary>
    public override string ToString()
    {
        var minutes = (int)Time.Offset.TotalMinutes;
        var (hours, rest) = Math.DivRem(Math.Abs(minutes), 60);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Name} <{Email}> {Time.ToUnixTimeSeconds()} {(minutes < 0 ? '-' : '+')}{hours:D2}{rest:D2}");
    }

    /// <summary>Reads the form in a commit; null when it is another.</summary>
    internal static GitSignature? TryParse(string text)
    {
        var open = text.IndexOf(" <", StringComparison.Ordinal);
        var close = text.IndexOf("> ", StringComparison.Ordinal);
        if (open < 0 || close < open + 2)
        {
            return null;
        }

        var parts = text[(close + 2)..].Split(' ');
        return parts.Length == 2
            && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            && TryParseOffset(parts[1], seconds) is { } offset
            ? new GitSignature(text[..open], text[(open + 2)..close], DateTimeOffset.FromUnixTimeSeconds(seconds).ToOffset(offset))
            : null;
    }

    private static TimeSpan? TryParseOffset(string text, long seconds)
    {
        if (text.Length != 5 || text[0] is not ('+' or '-')
            || !int.TryParse(text.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var digits)
            || digits % 100 >= 60)
        {
            return null;
        }

        var offset = TimeSpan.FromMinutes((text[0] == '-' ? -1 : 1) * ((digits / 100 * 60) + (digits % 100)));
        return WholeMinutes(seconds, offset) == offset ? offset : null;
    }

    // Within the 14 hours and the years 1 to 9999 that DateTimeOffset can hold.
    private static TimeSpan WholeMinutes(long seconds, TimeSpan offset)
    {
        var minutes = TimeSpan.FromMinutes((long)offset.TotalMinutes);
        var local = seconds + (long)minutes.TotalSeconds;
        return minutes.Duration() <= TimeSpan.FromHours(14) && local <= DateTimeOffset.MaxValue.ToUnixTimeSeconds() ? minutes : TimeSpan.Zero;
    }

    private static string Clean(string text)
    {
        var cut = text.AsSpan(0, Math.Min(text.Length, MaxLength));
        var clean = new StringBuilder(cut.Length);
        foreach (var rune in cut.EnumerateRunes())
        {
            // git drops '<', '>' and line feeds; fsck refuses NUL; no other control character belongs in a name.
            if (!Rune.IsControl(rune) && rune.Value is not ('<' or '>'))
            {
                clean.Append(rune);
            }
        }

        var trimmed = clean.ToString().AsSpan();
        var start = 0;
        var end = trimmed.Length;
        while (start < end && IsCrud(trimmed[start]))
        {
            start++;
        }

        while (end > start && IsCrud(trimmed[end - 1]))
        {
            end--;
        }

        return trimmed[start..end].ToString();
    }

    private static bool IsCrud(char c) => c <= ' ' || c == '.' || Crud.Contains(c);
}
