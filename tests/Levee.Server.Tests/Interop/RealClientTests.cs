using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Levee.Client;
using Levee.Protocol;
using Levee.Server.Tests.Restart;
using Levee.Testing;
using Levee.Tests;

namespace Levee.Server.Tests.Interop;

/// <summary>Phoenix's own JavaScript client in both serializations, and the .NET client, on one document.</summary>
public sealed class RealClientTests
{
    private const string Document = "shared";
    private const int Ops = 100;
    private const int Writers = 3;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Clients_in_JSON_in_MessagePack_and_of_dotnet_see_the_same_messages_in_the_same_order()
    {
        NodeScript.Require();
        await using var server = await LeveeTestServer.StartAsync(cancellationToken: Ct);
        using var levee = server.CreateClient();
        await levee.CreateDocumentAsync(Document, cancellationToken: Ct);

        var json = RunNodeAsync(server.Url, "2.0.0", "json");
        var messagePack = RunNodeAsync(server.Url, "3.0.0", "messagepack");
        var dotnet = RunDotnetAsync(levee);
        await Task.WhenAll(json, messagePack, dotnet);

        // Both printed by the same JavaScript: any difference is one of the wire.
        Assert.Equal(await json, await messagePack);
        var stored = (await DocumentLog.ReadAsync(server.Url, Document, Ct)).Messages;
        var received = await dotnet;
        Assert.Equal(stored.Take(received.Count), received);
        RequireSame(received, await json);
        RequireInterleaved(received);
    }

    private static async Task<string[]> RunNodeAsync(Uri server, string vsn, string name)
    {
        var output = await NodeScript.RunAsync(
            "document-writer.mjs",
            $"ws://{server.Authority}/socket",
            vsn,
            TestTenants.Default.Id,
            Document,
            TestTokens.ReadWrite(Document),
            name,
            Ops.ToString(CultureInfo.InvariantCulture),
            Writers.ToString(CultureInfo.InvariantCulture));
        return output.Split('\n');
    }

    /// <summary>As the script does: waits for all to join, writes, and reads until all has been written.</summary>
    private static async Task<IReadOnlyList<string>> RunDotnetAsync(LeveeClient levee)
    {
        await using var document = await levee.ConnectAsync(Document, cancellationToken: Ct);
        var received = new List<string>();
        var writing = Task.CompletedTask;
        var (joined, ops) = (0, 0);
        await foreach (var message in document.ReadMessagesAsync(after: 0, Ct))
        {
            received.Add(Encoding.UTF8.GetString(message.Json.Span));
            if (message.Type == MessageType.Join && ++joined == Writers)
            {
                writing = WriteAsync(document);
            }

            if (message.Type == MessageType.Op && ++ops == Ops * Writers)
            {
                break;
            }
        }

        await writing;
        return received;
    }

    private static async Task WriteAsync(LeveeDocument document)
    {
        for (var n = 0; n < Ops; n++)
        {
            await document.SubmitAsync(new { name = "dotnet", n, text = "\"é😀\"\n", half = n + 0.5, none = (string?)null }, Ct);
        }
    }

    /// <summary>JavaScript writes numbers and escapes in its own way; the values must be those that are stored, to the last member.</summary>
    private static void RequireSame(IReadOnlyList<string> stored, string[] printed)
    {
        Assert.Equal(stored.Count, printed.Length);
        for (var i = 0; i < printed.Length; i++)
        {
            var (expected, actual) = (JsonNode.Parse(stored[i]), JsonNode.Parse(printed[i]));
            Assert.True(JsonNode.DeepEquals(expected, actual), $"stored {stored[i]}\nbut JavaScript saw {printed[i]}");
        }
    }

    private static void RequireInterleaved(IReadOnlyList<string> messages)
    {
        var senders = messages.Select(message => JsonNode.Parse(message)!)
            .Where(message => (string?)message["type"] == MessageType.Op)
            .Select(message => (string)message["clientId"]!)
            .ToList();
        Assert.All(senders.CountBy(sender => sender), count => Assert.Equal(Ops, count.Value));
        Assert.True(senders.Zip(senders.Skip(1)).Count(pair => pair.First != pair.Second) >= Writers, "they wrote one after the other");
    }
}
