using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Levee.Client;
using Levee.Protocol;
using Levee.Testing;
using Levee.Tests;

namespace Levee.Server.Tests.Fluid;

/// <summary>
/// One document, four clients at once: AzureClient with a SharedMap and a SharedTree, Phoenix's client in JSON and in MessagePack, and the
/// .NET client. Those that have no runtime send the stock client's first op again with other words: ops that its runtime understands.
/// </summary>
public sealed class FluidInteropTests
{
    private const int OpsOfEach = 25;
    private static readonly string[] Names = ["json", "messagepack", "dotnet"];
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Four_kinds_of_clients_see_the_same_bytes_and_numbers_and_each_other()
    {
        NodeScript.Require();
        await using var server = await LeveeTestServer.StartAsync(cancellationToken: Ct);
        await using var stock = FluidScenario.Start(
            "v2", "interop/stock", server.Url, arguments: [$"{OpsOfEach}", .. Names]);
        var id = StepOf(await stock.ReadUntilAsync(IsStep("created")))["id"]!.GetValue<string>();

        await using var json = StartPhoenix(server.Url, "2.0.0", id, "json");
        await using var messagePack = StartPhoenix(server.Url, "3.0.0", id, "messagepack");
        var dotnet = RunDotnetAsync(server, id);
        var together = StepOf(await stock.ReadUntilAsync(IsStep("together")));
        await Task.WhenAll(stock.ReadToEndAsync(), json.ReadToEndAsync(), messagePack.ReadToEndAsync(), dotnet);

        var stored = await StoredAsync(server, id);
        var seenByStock = FramesOf(StepOf(stock.Printed.Single(IsStep("frames")))["frames"]!.AsArray().Select(frame => frame!.GetValue<string>()[2..]), 2);
        var seenByJson = FramesOf(Lines(json, "frame "), 4, "op");
        RequireSameBytes(stored, seenByStock, "the stock client");
        RequireSameBytes(stored, seenByJson, "the Phoenix client in JSON");
        RequireSameBytes(stored, (await dotnet).Messages, "the .NET client");
        RequireSameValues(stored, Lines(messagePack, "op ").ToList());

        string[] expected = ["dotnet", "json", "messagepack", "stock"];
        Assert.Equal(expected, NamesOf(together["audience"]!));
        Assert.Equal(expected, NamesOf(JsonNode.Parse(Lines(json, "audience ").Single())!));
        Assert.Equal(expected, NamesOf(JsonNode.Parse(Lines(messagePack, "audience ").Single())!));
        Assert.Equal(MembersOf(together["audience"]!), (await dotnet).Audience.Order());
    }

    private static NodeRun StartPhoenix(Uri server, string vsn, string id, string name) => NodeRun.Start(
        NodeFolder.Phoenix,
        [
            "document-interop.mjs", $"ws://{server.Authority}/socket", vsn, FluidScenario.Local.Id, id,
            TestTokens.Mint(id, [Scopes.DocRead, Scopes.DocWrite], FluidScenario.Local, name), name, $"{OpsOfEach}",
        ],
        Patience);

    /// <summary>As the Phoenix script does: sends the stock client's first op again, and reads until that client has said the end and left.</summary>
    private static async Task<(List<string> Messages, List<string> Audience)> RunDotnetAsync(LeveeTestServer server, string id)
    {
        using var levee = server.CreateClient(
            options => options with
            {
                TokenProvider = (document, _) => ValueTask.FromResult(
                    TestTokens.Mint(document, [Scopes.DocRead, Scopes.DocWrite], FluidScenario.Local, "dotnet")),
            },
            FluidScenario.Local);
        await using var document = await levee.ConnectAsync(id, cancellationToken: Ct);
        var messages = new List<string>();
        var together = new List<string>();
        var passing = new ConcurrentQueue<AudienceMember>();
        Task? writing = null;
        string? last = null;
        await foreach (var message in document.ReadMessagesAsync(after: 0, Ct))
        {
            messages.Add(Encoding.UTF8.GetString(message.Json.Span));
            var contents = message.Type == MessageType.Op ? message.ReadContents<string>()! : "";
            if (writing is null && contents.Contains("from stock 0", StringComparison.Ordinal))
            {
                // The stock client wrote when it had seen the four together, and nobody leaves before this one has written.
                together.AddRange(document.Audience.Members.Values.Select(member => $"{member.ClientId} {member.UserId}"));
                document.Audience.MemberLeft += passing.Enqueue;
                writing = WriteAsync(document, contents);
            }

            if (contents.Contains("the end", StringComparison.Ordinal))
            {
                last = message.ClientId;
            }

            if (message.Type == MessageType.Leave && SystemMessage.ReadLeave(message.Envelope) == last)
            {
                break;
            }
        }

        Assert.DoesNotContain(last!, document.Audience.Members.Keys);
        Assert.Equal("fresh", passing.First().UserId);
        await writing!;
        return (messages, together);
    }

    private static async Task WriteAsync(LeveeDocument document, string template)
    {
        for (var n = 0; n < OpsOfEach; n++)
        {
            await document.SubmitAsync(template.Replace("from stock 0", $"from dotnet {n}", StringComparison.Ordinal), Ct);
        }
    }

    private static async Task<List<string>> StoredAsync(LeveeTestServer server, string id)
    {
        using var levee = server.CreateClient(tenant: FluidScenario.Local);
        return await levee.ReadHistoryAsync(id, cancellationToken: Ct).Select(message => Encoding.UTF8.GetString(message.Json.Span)).ToListAsync(Ct);
    }

    /// <summary>The raw texts of the messages in frames, which are arrays with the list of messages at a place, or in its member.</summary>
    private static List<string> FramesOf(IEnumerable<string> frames, int place, string? member = null) =>
        [.. frames.SelectMany(frame =>
        {
            using var parsed = JsonDocument.Parse(frame);
            var list = parsed.RootElement[place];
            return (member is null ? list : list.GetProperty(member)).EnumerateArray().Select(message => message.GetRawText()).ToList();
        })];

    /// <summary>Each began at the beginning, and stopped when it had seen enough.</summary>
    private static void RequireSameBytes(List<string> stored, List<string> seen, string by)
    {
        Assert.True(seen.Count > (Names.Length + 1) * OpsOfEach, $"{by} saw {seen.Count} messages");
        for (var i = 0; i < seen.Count; i++)
        {
            Assert.True(stored[i] == seen[i], $"stored {stored[i]}\nbut {by} saw {seen[i]}");
        }
    }

    private static void RequireSameValues(List<string> stored, List<string> seen)
    {
        Assert.True(seen.Count > (Names.Length + 1) * OpsOfEach, $"the Phoenix client in MessagePack saw {seen.Count} messages");
        for (var i = 0; i < seen.Count; i++)
        {
            Assert.True(JsonNode.DeepEquals(JsonNode.Parse(stored[i]), JsonNode.Parse(seen[i])), $"stored {stored[i]}\nbut in MessagePack came {seen[i]}");
        }
    }

    private static IEnumerable<string> Lines(NodeRun run, string start) =>
        run.Printed.Where(line => line.StartsWith(start, StringComparison.Ordinal)).Select(line => line[start.Length..]);

    private static IEnumerable<string> NamesOf(JsonNode audience) => audience.AsArray().Select(member => member![1]!.GetValue<string>()).Order();

    private static IEnumerable<string> MembersOf(JsonNode audience) => audience.AsArray().Select(member => $"{member![0]} {member[1]}").Order();

    private static Func<string, bool> IsStep(string step) => line => line.StartsWith($"{{\"step\":\"{step}\"", StringComparison.Ordinal);

    private static JsonNode StepOf(string line) => JsonNode.Parse(line)!;
}
