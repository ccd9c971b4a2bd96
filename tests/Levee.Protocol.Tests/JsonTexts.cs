using System.Text;
using CsCheck;

namespace Levee.Protocol.Tests;

/// <summary>Generates JSON texts of every form that the grammar allows, and bytes that only look like JSON.</summary>
internal static class JsonTexts
{
    private static readonly string[] Names =
    [
        "contents", "metadata", "compression", "traces", "serverMetadata", "x", "", "a b", "é", "\\u0063ontents", "\\n", "\\ud800", "日本",
        "__proto__", "Type", "\\\"", "\\ud83d\\ude00", "signal", "content", "address", "targetClientId", "targetedClients",
        "ignoredClients", "key", "value", "handle", "parents", "\\udfff\\ud800",
    ];

    private static readonly string[] Leaves =
    [
        "null", "true", "false", "0", "-0", "1e400", "-1.5E-7", "123456789012345678901234567890", "9007199254740993", "\"\"",
        "\"\\u0000\"", "\"\\ud800\"", "\"é\\\\\\\"\\/\"", "\"\\ud83d\\ude00\"", "\"😀\"", "\"a\\nb\"", "\"null\"", "\"{\\\"a\\\":1}\"",
        "\"[{\\\"content\\\":1}]\"", "\"[\\\"\\\\ud800\\\"]\"", "\"{\\\"\\\\ud800\\\":1}\"", "[]", "{}",
    ];

    /// <summary>Whitespace as JSON knows it; mostly none.</summary>
    public static Gen<string> Space { get; } = Gen.Frequency((5, Gen.Const("")), (1, Gen.OneOf(" ", "\n", "\t\r\n ")));

    /// <summary>A member's name between its quotes, as it is written: escapes and lone surrogates included.</summary>
    public static Gen<string> Name { get; } = Gen.OneOf(Names);

    /// <summary>Any JSON value.</summary>
    public static Gen<string> Value { get; } = Nested(4);

    /// <summary>Any JSON object, from members that are made elsewhere.</summary>
    public static Gen<string> ObjectOf(Gen<string> member) => Gen.Select(member.Array[0, 8], Space, Space)
        .Select((members, before, after) => "{" + before + string.Join(before + "," + after, members) + after + "}");

    /// <summary>One member with any value.</summary>
    public static Gen<string> Member(Gen<string> name, Gen<string> value) => Gen.Select(name, Space, Space, value)
        .Select((name, before, after, value) => $"\"{name}\"{before}:{after}{value}");

    /// <summary>A JSON text with a few bytes changed, cut or repeated, or bytes of no form at all.</summary>
    public static Gen<byte[]> Damaged(Gen<string> json) => Gen.Frequency(
        (1, Gen.Byte.Array[0, 40]),
        (2, json.Select(Encoding.UTF8.GetBytes)),
        (4, Gen.Select(json, Gen.Byte, Gen.Int[0, 1000], Gen.Int[0, 3]).Select(Damage)));

    private static byte[] Damage(string json, byte value, int position, int kind)
    {
        var bytes = Encoding.UTF8.GetBytes(json);
        if (bytes.Length == 0)
        {
            return [value];
        }

        var at = position % bytes.Length;
        return kind switch
        {
            0 => bytes[..at],
            1 => [.. bytes[..at], value, .. bytes[(at + 1)..]],
            2 => [.. bytes[..at], .. bytes[at..], .. bytes[at..]],
            _ => [.. bytes[..at], .. bytes[(at + 1)..]],
        };
    }

    private static Gen<string> Nested(int depth)
    {
        var leaf = Gen.OneOf(Leaves);
        if (depth == 0)
        {
            return leaf;
        }

        var inner = Nested(depth - 1);
        var list = Gen.Select(inner.Array[0, 4], Space)
            .Select((items, space) => "[" + space + string.Join(space + ",", items) + space + "]");
        return Gen.Frequency((3, leaf), (1, list), (2, ObjectOf(Member(Name, inner))));
    }
}
