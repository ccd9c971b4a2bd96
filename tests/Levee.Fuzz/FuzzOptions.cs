using System.Globalization;

namespace Levee.Fuzz;

/// <summary>What to run.</summary>
internal sealed record FuzzOptions
{
    /// <summary>The dialects that there are.</summary>
    internal static IReadOnlyList<string> AllDialects { get; } = ["phoenix", "socketio", "rest"];

    /// <summary>Decides all inputs.</summary>
    internal int Seed { get; init; } = Random.Shared.Next();

    /// <summary>About how many inputs, over all dialects.</summary>
    internal long Inputs { get; init; } = 100_000;

    /// <summary>In which dialects; all of them run side by side.</summary>
    internal IReadOnlyList<string> Dialects { get; init; } = AllDialects;

    /// <summary>One conversation alone; null for all.</summary>
    internal long? Conversation { get; init; }

    /// <summary>Reads a command line.</summary>
    /// <exception cref="FormatException">It has an unknown or a wrong option.</exception>
    internal static FuzzOptions Parse(string[] args)
    {
        var options = new FuzzOptions();
        for (var i = 0; i < args.Length; i += 2)
        {
            var value = i + 1 < args.Length ? args[i + 1] : throw new FormatException($"{args[i]} needs a value");
            options = args[i] switch
            {
                "--seed" => options with { Seed = int.Parse(value, CultureInfo.InvariantCulture) },
                "--inputs" => options with { Inputs = long.Parse(value, CultureInfo.InvariantCulture) },
                "--conversation" => options with { Conversation = long.Parse(value, CultureInfo.InvariantCulture) },
                "--dialect" when AllDialects.Contains(value) => options with { Dialects = [value] },
                _ => throw new FormatException($"{args[i]} {value} is no option; there are --seed, --inputs, --dialect and --conversation"),
            };
        }

        return options;
    }
}
