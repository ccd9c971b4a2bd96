using System.Globalization;

namespace Levee.Gateway.SocketIo.Documents;

/// <summary>
/// The versions of Fluid's wire protocol. A client names version ranges (<c>^0.4.0</c>), in its order of preference; the first that has
/// anything in common with one of the service's is taken.
/// </summary>
internal static class ProtocolVersions
{
    private const int Parts = 3;

    // Of what a client sent, so much goes into the refusal.
    private const int MaxShown = 256;

    /// <summary>What the reference service says of itself.</summary>
    public static IReadOnlyList<string> Supported { get; } = ["^0.4.0", "^0.3.0", "^0.2.0", "^0.1.0"];

    /// <summary>The version to speak; null when there is none in common.</summary>
    public static string? Select(IEnumerable<string> wanted) => wanted
        .Select(range => Supported.FirstOrDefault(supported => Intersect(supported, range)))
        .FirstOrDefault(version => version is not null);

    /// <summary>What the refusal says of a client's ranges.</summary>
    public static string Show(IEnumerable<string> wanted)
    {
        var all = string.Join(',', wanted);
        return all.Length <= MaxShown ? all : $"{all[..MaxShown]}...";
    }

    private static bool Intersect(string left, string right) =>
        TryParse(left, out var a) && TryParse(right, out var b) && a.From < b.To && b.From < a.To;

    /// <summary>
    /// Reads a range of one comparator: <c>^</c>, <c>~</c>, <c>>=</c> or none, before one to three numbers; missing numbers and
    /// <c>x</c> or <c>*</c> stand for any. Other forms, which no client sends, have nothing in common with anything.
    /// </summary>
    private static bool TryParse(string text, out (Version From, Version To) range)
    {
        range = default;
        var trimmed = text.Trim();
        var comparator = trimmed switch
        {
            ['^', ..] => "^",
            ['~', ..] => "~",
            ['>', '=', ..] => ">=",
            _ => "",
        };
        if (!TryParseNumbers(trimmed[comparator.Length..].Trim(), out var numbers))
        {
            return false;
        }

        var from = new Version(At(numbers, 0), At(numbers, 1), At(numbers, 2));
        range = (from, comparator == ">=" || numbers.Count == 0 ? new Version(int.MaxValue, 0, 0) : End(numbers, KeptParts(comparator, numbers)));
        return true;
    }

    /// <summary>How many of the numbers a version in the range shares: with <c>^</c>, those up to the first that is not 0.</summary>
    private static int KeptParts(string comparator, List<int> numbers)
    {
        var firstNonZero = numbers.FindIndex(number => number > 0);
        return comparator switch
        {
            "^" => firstNonZero < 0 ? numbers.Count : firstNonZero + 1,
            "~" => Math.Min(numbers.Count, 2),
            _ => numbers.Count,
        };
    }

    private static Version End(List<int> numbers, int kept) => kept switch
    {
        1 => new Version(At(numbers, 0) + 1, 0, 0),
        2 => new Version(At(numbers, 0), At(numbers, 1) + 1, 0),
        _ => new Version(At(numbers, 0), At(numbers, 1), At(numbers, 2) + 1),
    };

    private static int At(List<int> numbers, int index) => index < numbers.Count ? numbers[index] : 0;

    private static bool TryParseNumbers(string text, out List<int> numbers)
    {
        numbers = new List<int>(Parts);
        foreach (var part in text.Split('.'))
        {
            if (part is "x" or "X" or "*")
            {
                return true;
            }

            if (numbers.Count == Parts
                || !int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number == int.MaxValue)
            {
                return false;
            }

            numbers.Add(number);
        }

        return true;
    }
}
