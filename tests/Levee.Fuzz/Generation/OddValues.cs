namespace Levee.Fuzz.Generation;

/// <summary>Values at the edges of what readers of JSON take, and names that mean something to the server.</summary>
internal static class OddValues
{
    private static readonly string[] Numbers =
    [
        "0", "-0", "-1", "1", "2", "0.5", "1.0", "1e0", "1E+2", "1e-1", "1e400", "-1e400", "9007199254740991", "9007199254740992",
        "9007199254740993", "-9007199254740993", "2147483648", "4294967296", "9223372036854775807", "9223372036854775808",
        "-9223372036854775808", "-9223372036854775809", "18446744073709551616", "123456789012345678901234567890",
    ];

    private static readonly string[] Texts =
    [
        "\"\"", "\" \"", "\"12\"", "\"null\"", "\"\\u0000\"", "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"\\ud83d\\ude00\"", "\"\\uffff\"",
        "\"\\u202e\"", "\"a:b\"", "\"..\"", "\"../../etc\"", "\"%2f\"", "\"%00\"", "\"\\\\\"", "\"\\/\"", "\"\\\"}]\"", "\"__proto__\"",
        "\"{\\\"a\\\":1}\"", "\"[\\\"x\\\"]\"", "\"phx_close\"", "\"\u00e9\u4e2d\ud83d\ude00\"",
    ];

    private static readonly string[] Others =
    [
        "null", "true", "false", "[]", "{}", "[\"x\"]", "[[[null]]]", "{\"\":{}}", "{\"a\":1,\"a\":2}", "[null]", "[{}]",
    ];

    // What is no JSON at all ends most sockets; rarer, so that the others have time to get further.
    private static readonly string[] Wrong =
    [
        "01", "+1", ".5", "1.", "NaN", "Infinity", "-Infinity", "0x10", "\"\\x41\"", "\"\\u12\"", "\"open", "'x'", "\"\u0001\"", "undefined", "nul", "[1,]",
        "{,}", "{\"a\"}", "[", "}", "/**/1", "", " ", "1 2",
    ];

    private static readonly string[] Names =
    [
        "\"\"", "\"a\"", "\"__proto__\"", "\"client\\u0049d\"", "\"\\u0063lientId\"", "\"\\ud800\"", "\"type\\u0000\"", "\"Type\"",
        "\"clientId\"", "\"messageBatches\"", "\"messages\"", "\"contents\"", "\"type\"", "\"clientSequenceNumber\"", "\"referenceSequenceNumber\"",
        "\"metadata\"", "\"compression\"", "\"traces\"", "\"serverMetadata\"", "\"contentBatches\"", "\"content\"", "\"targetClientId\"",
        "\"signal\"", "\"targetedClients\"", "\"ignoredClients\"", "\"token\"", "\"tenantId\"", "\"id\"", "\"mode\"", "\"client\"", "\"versions\"",
        "\"nonce\"", "\"lastSeenSequenceNumber\"", "\"supportedFeatures\"", "\"from\"", "\"handle\"", "\"head\"", "\"parents\"", "\"details\"",
        "\"summary\"", "\"entries\"", "\"tree\"", "\"path\"", "\"value\"", "\"sha\"", "\"mode\"", "\"encoding\"", "\"unreferenced\"", "\"groupId\"",
        "\"base_tree\"", "\"author\"", "\"date\"", "\"ref\"", "\"force\"", "\"sequenceNumber\"", "\"values\"", "\"enableDiscovery\"", "\"generateToken\"",
    ];

    internal static string Number(Random random) => Numbers[random.Next(Numbers.Length)];

    internal static string Text(Random random) => Texts[random.Next(Texts.Length)];

    internal static string Name(Random random) => Names[random.Next(Names.Length)];

    /// <summary>Any of them; now and then a long or a deep one.</summary>
    internal static string Any(Random random) => random.Next(16) switch
    {
        0 when random.Next(2) == 0 => Wrong[random.Next(Wrong.Length)],
        < 6 => Number(random),
        < 10 => Text(random),
        < 15 => Others[random.Next(Others.Length)],
        _ => Large(random),
    };

    private static string Large(Random random) => random.Next(12) switch
    {
        0 => Nested('[', ']', 20_000),
        1 => Nested('[', ']', random.Next(55, 75)),
        2 => Objects(random.Next(55, 75)),
        3 => $"\"{new string('x', 70_000)}\"",
        4 => $"\"{new string('9', 1025)}\"",
        5 => new string('9', 400),
        6 => $"[{string.Join(',', Enumerable.Repeat("{}", 5000))}]",
        7 => $"[{string.Join(',', Enumerable.Repeat("[[]]", 1100))}]",
        8 => $"{{{string.Join(',', Enumerable.Range(0, 300).Select(i => $"\"k{i}\":{i}"))}}}",
        9 => string.Concat(Enumerable.Repeat("\\u0041", 400)) is var escaped ? $"\"{escaped}\"" : "",
        10 => $"\"{new string('\u00e9', 600)}\"",
        _ => Objects(300),
    };

    private static string Nested(char open, char close, int depth) => new string(open, depth) + new string(close, depth);

    private static string Objects(int depth) => string.Concat(Enumerable.Repeat("{\"a\":", depth)) + "1" + new string('}', depth);
}
