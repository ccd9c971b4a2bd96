using System.Globalization;

namespace Levee.Faults;

/// <summary>The command line of a run by hand.</summary>
internal static class FaultArguments
{
    public const string Usage = """
        usage: Levee.Faults [--seed N] [--kills N] [--duration hh:mm:ss] [--documents N]

          --seed N             draws the moments of the kills; a random one if absent
          --kills N            ends after so many kills
          --duration hh:mm:ss  ends after so long; 00:05:00 if neither this nor --kills is given
          --documents N        how many documents (default 3), each with eight clients

        Exits with 0 when all that the server said was true to the end, with 1 when not, with 2 when it was interrupted or not understood.
        """;

    private static readonly string[] Names = ["--seed", "--kills", "--duration", "--documents"];

    /// <summary>Whether a program was started by hand, and not by the test platform.</summary>
    public static bool AreFor(string[] arguments) => arguments.Intersect(Names).Any() || arguments.Contains("--help");

    /// <summary>Reads it; null when it can not be understood.</summary>
    public static FaultOptions? Read(string[] arguments, Action<string> write)
    {
        var values = new Dictionary<string, string>();
        for (var i = 0; i + 1 < arguments.Length; i += 2)
        {
            values[arguments[i]] = arguments[i + 1];
        }

        var options = new FaultOptions { Seed = Random.Shared.Next(), Write = write };
        if (!values.ContainsKey("--kills") && !values.ContainsKey("--duration"))
        {
            options = options with { Duration = TimeSpan.FromMinutes(5) };
        }

        foreach (var (name, value) in values)
        {
            var number = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) ? parsed : -1;
            FaultOptions? read = name switch
            {
                "--seed" when number >= 0 => options with { Seed = number },
                "--kills" when number > 0 => options with { Kills = number },
                "--documents" when number > 0 => options with { Documents = number },
                "--duration" when TimeSpan.TryParse(value, CultureInfo.InvariantCulture, out var time) && time > TimeSpan.Zero => options with { Duration = time },
                _ => null,
            };
            if (read is null)
            {
                return null;
            }

            options = read;
        }

        return arguments.Length % 2 == 0 ? options : null;
    }
}
