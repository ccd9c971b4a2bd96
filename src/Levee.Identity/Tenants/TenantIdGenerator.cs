using System.Security.Cryptography;

namespace Levee.Identity;

/// <summary>Makes readable ids such as <c>tremendous-brown-cat</c>: easy to say, easy to tell apart.</summary>
public sealed class TenantIdGenerator
{
    private const int ReadableAttempts = 16;

    private static readonly string[] Manners =
    [
        "agile", "amused", "brave", "breezy", "bright", "calm", "candid", "careful", "cheerful", "clever", "cosy", "curious",
        "daring", "eager", "earnest", "fearless", "friendly", "gentle", "glad", "graceful", "grand", "happy", "helpful",
        "honest", "humble", "jolly", "keen", "kind", "lively", "lucky", "mellow", "merry", "modest", "nimble", "patient",
        "peaceful", "playful", "polite", "proud", "quick", "quiet", "serene", "sleepy", "steady", "sturdy", "sunny",
        "thoughtful", "tidy", "tireless", "tremendous", "upbeat", "vivid", "warm", "witty",
    ];

    private static readonly string[] Colours =
    [
        "amber", "azure", "beige", "black", "blue", "bronze", "brown", "coral", "crimson", "cyan", "golden", "green", "grey",
        "indigo", "ivory", "jade", "lilac", "maroon", "ochre", "olive", "orange", "pink", "purple", "red", "rose", "rusty",
        "sandy", "scarlet", "silver", "teal", "violet", "white", "yellow",
    ];

    private static readonly string[] Animals =
    [
        "badger", "bear", "beaver", "bison", "bustard", "camel", "cat", "cormorant", "crane", "deer", "dolphin", "duck",
        "eagle", "egret", "falcon", "ferret", "finch", "fox", "frog", "gecko", "goose", "hare", "hawk", "hedgehog", "heron",
        "ibis", "jackdaw", "kestrel", "lark", "lemur", "lynx", "magpie", "marten", "mole", "moose", "newt", "octopus",
        "otter", "owl", "panda", "pelican", "puffin", "rabbit", "raven", "robin", "salmon", "seal", "sparrow", "squirrel",
        "stork", "swan", "tern", "tiger", "toad", "trout", "turtle", "walrus", "weasel", "whale", "wolf", "wombat", "wren",
    ];

    private readonly Func<int, int> _below;

    /// <summary>A generator that draws from the operating system's randomness.</summary>
    public TenantIdGenerator()
        : this(RandomNumberGenerator.GetInt32)
    {
    }

    /// <summary>A generator with randomness from outside.</summary>
    /// <param name="below">Gives a number from 0 up to, and without, its argument.</param>
    public TenantIdGenerator(Func<int, int> below) => _below = below;

    /// <summary>An id that is not taken. A number is added when the plain ids it drew were all taken.</summary>
    /// <param name="isTaken">Whether an id is in use.</param>
    public string Next(Predicate<string> isTaken)
    {
        for (var attempt = 1; attempt <= ReadableAttempts; attempt++)
        {
            var id = Draw();
            if (!isTaken(id))
            {
                return id;
            }
        }

        var crowded = Draw();
        for (var number = 2; ; number++)
        {
            var id = $"{crowded}-{number}";
            if (!isTaken(id))
            {
                return id;
            }
        }
    }

    private string Draw() =>
        $"{Manners[_below(Manners.Length)]}-{Colours[_below(Colours.Length)]}-{Animals[_below(Animals.Length)]}";
}
