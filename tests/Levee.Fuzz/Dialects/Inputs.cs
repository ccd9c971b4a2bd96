using System.Text.Json;
using Levee.Fuzz.Oracle;

namespace Levee.Fuzz.Dialects;

/// <summary>Valid pieces that both dialects of sockets send: ops, signals, connect messages.</summary>
internal static class Inputs
{
    private const string Sha = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391";

    /// <summary>A message that connects to the room's document.</summary>
    internal static string Connect(Room room, string token, string mode, Random random) => JsonSerializer.Serialize(new Dictionary<string, object?>
    {
        ["tenantId"] = Room.Tenant,
        ["id"] = room.Document,
        ["token"] = token,
        ["client"] = new
        {
            details = new { capabilities = new { interactive = random.Next(4) > 0 }, type = random.Next(3) == 0 ? "summarizer" : "user" },
            permission = Array.Empty<string>(),
            scopes = Array.Empty<string>(),
            user = new { id = "u" },
            mode,
        },
        ["mode"] = mode,
        ["versions"] = new[] { "^0.4.0", "^0.1.0", "^1.0.0" },
        ["driverVersion"] = "2.111.0",
        ["nonce"] = "n",
        ["supportedFeatures"] = new { submit_signals_v2 = random.Next(3) > 0 },
        ["relayUserAgent"] = "x",
        ["lastSeenSequenceNumber"] = random.Next(3),
    });

    /// <summary>An op of some kind.</summary>
    internal static string Op(long clientSequenceNumber, Random random) => random.Next(12) switch
    {
        < 5 => Op("op", JsonSerializer.Serialize(Planted.Content), clientSequenceNumber, random),
        5 => Op("op", """{"a":[1,2,{"b":null}]}""", clientSequenceNumber, random),
        6 => Op("noop", "null", clientSequenceNumber, random),
        7 => Op("propose", "\"{\\\"key\\\":\\\"code\\\",\\\"value\\\":{\\\"a\\\":1}}\"", clientSequenceNumber, random),
        8 => Op("propose", """{"key":"code","value":1}""", clientSequenceNumber, random),
        9 => Op("summarize", JsonSerializer.Serialize(Summarize(random)), clientSequenceNumber, random),
        10 => Op("summarize", Summarize(random), clientSequenceNumber, random),
        _ => Op(random.Next(2) == 0 ? "accept" : "reject", "null", clientSequenceNumber, random),
    };

    /// <summary>Ops in a batch that follow each other.</summary>
    internal static string Batch(long first, int count, Random random) =>
        $"[{string.Join(',', Enumerable.Range(0, count).Select(i => Op(first + i, random)))}]";

    /// <summary>A signal, in the newer form or wrapped.</summary>
    internal static string Signal(string clientId, Random random)
    {
        var signal = JsonSerializer.Serialize(new
        {
            content = JsonSerializer.Serialize(new { address = "a", contents = new { type = "t", content = Planted.Content }, clientBroadcastSignalSequenceNumber = 1 }),
            type = "t",
            clientConnectionNumber = 1,
            referenceSequenceNumber = 1,
            targetClientId = random.Next(2) == 0 ? clientId : null,
        });
        return random.Next(4) switch
        {
            0 => $$"""{"signal":{{signal}},"targetedClients":["{{clientId}}"],"ignoredClients":["x"]}""",
            1 => JsonSerializer.Serialize(signal),
            2 => """{"address":"a","contents":{"type":"t","content":{"x":1}},"clientBroadcastSignalSequenceNumber":1}""",
            _ => signal,
        };
    }

    private static string Summarize(Random random) => random.Next(2) == 0
        ? $$"""{"handle":"{{Sha}}","head":"","message":"m","parents":[]}"""
        : $$$"""{"handle":"{{{Sha}}}","head":"{{{Sha}}}","message":"m","parents":["{{{Sha}}}"],"details":{"includesProtocolTree":false}}""";

    private static string Op(string type, string contents, long clientSequenceNumber, Random random) =>
        $$"""{"type":"{{type}}","contents":{{contents}},"clientSequenceNumber":{{clientSequenceNumber}},"referenceSequenceNumber":{{(random.Next(4) == 0 ? 1 : -1)}}{{(random.Next(2) == 0 ? "" : ""","metadata":{"batch":true},"compression":"lz4","traces":[],"serverMetadata":{}""")}}}""";
}
