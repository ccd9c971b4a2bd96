using System.Text;
using System.Text.Json.Nodes;

namespace Levee.Server.Tests.Interop;

/// <summary>Makes valid JSON wrong in one of the ways in which clients are wrong; the same way for the same seed.</summary>
internal static class Malformed
{
    private const string Mark = "@odd@";

    private static readonly string[] Odd =
    [
        "null", "true", "-1", "0.5", "1e400", "-0", "9223372036854775808", "123456789012345678901234567890", "\"\"", "\"\\ud800\"",
        "\"\\u0000\"", "[]", "{}", "[\"x\"]", "[[[null]]]", "{\"\":{}}", "undefined", "\"12\"", "{\"a\":1,\"a\":2}",
        Nested(60), Nested(200), Nested(20_000), $"\"{new string('x', 100_000)}\"",
    ];

    public static byte[] Of(Random random, string valid) => random.Next(4) switch
    {
        0 => Encoding.UTF8.GetBytes(valid)[..random.Next(valid.Length)],
        1 => WithFlippedBits(random, Encoding.UTF8.GetBytes(valid)),
        _ => Encoding.UTF8.GetBytes(WithWrongPart(random, valid)),
    };

    public static byte[] WithFlippedBits(Random random, byte[] bytes)
    {
        for (var flips = random.Next(1, 6); flips > 0 && bytes.Length > 0; flips--)
        {
            bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
        }

        return bytes;
    }

    /// <summary>Another value in some place, one more, or one less.</summary>
    private static string WithWrongPart(Random random, string valid)
    {
        var root = JsonNode.Parse(valid)!;
        var containers = Containers(root).ToList();
        var container = containers[random.Next(containers.Count)];
        var change = random.Next(4);
        if (container is JsonArray array)
        {
            var at = random.Next(array.Count + 1);
            if (change == 0 || at == array.Count)
            {
                array.Insert(at, Mark);
            }
            else if (change == 1)
            {
                array.RemoveAt(at);
            }
            else
            {
                array[at] = Mark;
            }
        }
        else if (container is JsonObject members)
        {
            var names = members.Select(member => member.Key).Append("another").ToList();
            var name = names[random.Next(names.Count)];
            if (change != 1 || !members.Remove(name))
            {
                members[name] = Mark;
            }
        }

        return root.ToJsonString().Replace($"\"{Mark}\"", Odd[random.Next(Odd.Length)], StringComparison.Ordinal);
    }

    private static IEnumerable<JsonNode> Containers(JsonNode node)
    {
        var children = node switch
        {
            JsonArray array => array,
            JsonObject members => members.Select(member => member.Value),
            _ => null,
        };
        return children is null ? [] : children.Where(child => child is not null).SelectMany(child => Containers(child!)).Append(node);
    }

    private static string Nested(int depth) => new string('[', depth) + new string(']', depth);
}
