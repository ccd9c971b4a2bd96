using System.Text;
using Levee.Protocol;
using Levee.Testing;

namespace Levee.Client.Tests;

public sealed class ConvergenceTests
{
    private const int OpsEach = 50;

    [Theory]
    [InlineData(WireFormat.Json)]
    [InlineData(WireFormat.MessagePack)]
    public async Task Two_clients_that_write_at_once_see_the_same_messages_in_the_same_order(WireFormat format)
    {
        await using var server = await LeveeTestServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        using var client = server.CreateClient(options => options with { Format = format });
        var id = await client.CreateDocumentAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var ann = await client.ConnectAsync(id, cancellationToken: TestContext.Current.CancellationToken);
        await using var bob = await client.ConnectAsync(id, cancellationToken: TestContext.Current.CancellationToken);

        await Task.WhenAll(SubmitAllAsync(ann, "ann"), SubmitAllAsync(bob, "bob")).Soon();

        var byAnn = await ann.ReadOpsAsync(2 * OpsEach, after: 0);
        var byBob = await bob.ReadOpsAsync(2 * OpsEach, after: 0);
        Assert.Equal(byAnn.Select(TextOf), byBob.Select(TextOf));
        Assert.Equal(TextsOf("ann"), byAnn.OpTexts().Where(text => text.StartsWith("ann", StringComparison.Ordinal)));
        Assert.Equal(TextsOf("bob"), byAnn.OpTexts().Where(text => text.StartsWith("bob", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Clients_of_both_formats_meet_on_one_document()
    {
        await using var server = await LeveeTestServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        using var json = server.CreateClient();
        using var messagePack = server.CreateClient(options => options with { Format = WireFormat.MessagePack });
        var id = await json.CreateDocumentAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var ann = await json.ConnectAsync(id, cancellationToken: TestContext.Current.CancellationToken);
        await using var bob = await messagePack.ConnectAsync(id, cancellationToken: TestContext.Current.CancellationToken);
        const string Text = "\u0001 \"quoted\" \\ \u2028 \U0001F600 1e400";

        await bob.SubmitAsync(Text, TestContext.Current.CancellationToken).Soon();
        await ann.SubmitAsync(Text, TestContext.Current.CancellationToken).Soon();

        Assert.Equal([Text, Text], (await ann.ReadOpsAsync(2)).OpTexts());
        Assert.Equal([Text, Text], (await bob.ReadOpsAsync(2)).OpTexts());
    }

    [Fact]
    public async Task A_batch_is_sequenced_with_nothing_between_its_ops()
    {
        await using var server = await LeveeTestServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        using var client = server.CreateClient();
        var id = await client.CreateDocumentAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var ann = await client.ConnectAsync(id, cancellationToken: TestContext.Current.CancellationToken);
        await using var bob = await client.ConnectAsync(id, cancellationToken: TestContext.Current.CancellationToken);
        LeveeOp[] batch = [.. Enumerable.Range(0, 20).Select(i => LeveeOp.Of($"batch {i}"))];

        await Task.WhenAll(SubmitAllAsync(bob, "bob"), ann.SubmitBatchAsync(batch, TestContext.Current.CancellationToken)).Soon();

        var texts = (await ann.ReadOpsAsync(OpsEach + batch.Length)).OpTexts().ToList();
        var start = texts.IndexOf("batch 0");
        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"batch {i}"), texts.Skip(start).Take(batch.Length));
    }

    [Fact]
    public async Task Contents_metadata_and_compression_travel_byte_for_byte()
    {
        await using var server = await LeveeTestServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        using var client = server.CreateClient();
        var id = await client.CreateDocumentAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var document = await client.ConnectAsync(id, cancellationToken: TestContext.Current.CancellationToken);
        var op = new LeveeOp("""{"b":1.50, "a" : "\u0041\ud800", "n":12345678901234567890123}"""u8.ToArray())
        {
            Metadata = """{"batch" : true}"""u8.ToArray(),
            Compression = "lz4",
        };

        await document.SubmitBatchAsync([op], TestContext.Current.CancellationToken).Soon();

        var message = (await document.ReadOpsAsync(1))[^1];
        Assert.Equal(op.Contents.ToArray(), message.Contents.ToArray());
        Assert.Contains("\"metadata\":{\"batch\" : true}", TextOf(message), StringComparison.Ordinal);
        Assert.Contains("\"compression\":\"lz4\"", TextOf(message), StringComparison.Ordinal);
        Assert.True(message.IsOwn);
    }

    [Fact]
    public async Task An_op_refers_to_the_last_message_that_a_reader_was_given()
    {
        await using var server = await LeveeTestServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        using var client = server.CreateClient();
        var id = await client.CreateDocumentAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var ann = await client.ConnectAsync(id, cancellationToken: TestContext.Current.CancellationToken);
        await SubmitAllAsync(ann, "ann").Soon();
        var target = ann.StartSequenceNumber + 10;
        SequencedMessage? own = null;

        await foreach (var message in ann.ReadMessagesAsync(cancellationToken: TestContext.Current.CancellationToken))
        {
            if (message.SequenceNumber == target)
            {
                await ann.SubmitAsync("now", TestContext.Current.CancellationToken).Soon();
            }

            if (message.Type == MessageType.Op && message.ReadContents<string>() == "now")
            {
                own = message;
                break;
            }
        }

        // The ops before went out while nobody read: what was received then counts as seen, and an RSN does not fall.
        Assert.InRange(own!.Envelope.ReferenceSequenceNumber, target, own.SequenceNumber - 1);
    }

    private static Task SubmitAllAsync(LeveeDocument document, string name) => Task.WhenAll(
        TextsOf(name).Select(text => document.SubmitAsync(text, TestContext.Current.CancellationToken)));

    private static IEnumerable<string> TextsOf(string name) => Enumerable.Range(0, OpsEach).Select(i => $"{name} {i}");

    private static string TextOf(SequencedMessage message) => Encoding.UTF8.GetString(message.Json.Span);
}
