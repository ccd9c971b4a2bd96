using System.Text;
using System.Text.Json;
using Levee.Protocol;
using static Levee.Sessions.Tests.SessionHost;
using static Levee.Sessions.Tests.Summarizing;

namespace Levee.Sessions.Tests;

/// <summary>The summary that the service makes, where it is asked to, when nobody writes any more.</summary>
public sealed class ServiceSummaryTests
{
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task Holds_the_last_summary_and_all_messages_since_and_moves_the_head_with_a_no_client()
    {
        await using var document = await StartAsync(hasInitialSummary: true, On);
        var initial = (await document.HeadAsync())!.ToString()!;
        await document.WriteAsync(Op(1), Op(2));
        var client = await document.AcknowledgedAsync(Summarize(3, await document.UploadAsync("one"), initial));
        await document.WriteAsync(Op(4));
        var before = await document.LoadAsync();
        var service = await LeaveAsync(document);

        var log = (await document.Host.ReadLogAsync()).ConvertAll(json => SequencedMessageReader.Read(Encoding.UTF8.GetBytes(json)));
        var last = log[^1];
        Assert.Equal((MessageType.NoClient, null), (last.Type, last.ClientId));
        Assert.Equal((last.SequenceNumber, last.SequenceNumber), (last.ReferenceSequenceNumber, last.MinimumSequenceNumber));
        Assert.Equal(MessageType.Leave, log[^2].Type);

        var commit = await document.ReadCommitAsync(service);
        Assert.Equal($"Service Summary @{last.SequenceNumber}", commit.Message);
        Assert.Equal(client, Assert.Single(commit.Parents).ToString());

        // A client that loads it starts where the parts are, and finds every message after that: none is missing, and none comes twice.
        var (snapshot, files) = await document.LoadAsync();
        Assert.Equal(before.Snapshot.SequenceNumber, snapshot.SequenceNumber);
        Assert.Equal(4, snapshot.SequenceNumber);
        var tail = files[".logTail/logTail"];
        files.Remove(".logTail/logTail");
        Assert.Equal(before.Files, files);
        Assert.Equal($"[{string.Join(',', (await document.Host.ReadLogAsync())[4..^1])}]", tail);
        Assert.Equal(
            Enumerable.Range(5, (int)last.SequenceNumber - 5), JsonDocument.Parse(tail).RootElement.EnumerateArray().Select(op => op.GetProperty("sequenceNumber").GetInt32()));
    }

    [Fact]
    public async Task Repeats_the_initial_summary_before_the_first_of_a_client()
    {
        await using var document = await StartAsync(hasInitialSummary: true, On);
        await document.WriteAsync(Op(1));
        await LeaveAsync(document);
        var (snapshot, files) = await document.LoadAsync();
        Assert.Equal(0, snapshot.SequenceNumber);
        Assert.Equal("initial", files[".app/body"]);
        Assert.Equal(["join", "op", "leave"], JsonDocument.Parse(files[".logTail/logTail"]).RootElement.EnumerateArray().Select(op => op.GetProperty("type").GetString()));
    }

    [Fact]
    public async Task Any_summary_since_the_last_acknowledged_one_and_that_one_is_a_valid_head_afterwards()
    {
        foreach (var chosen in Enumerable.Range(0, 3))
        {
            await using var document = await StartAsync(hasInitialSummary: true, On);
            var heads = new List<string> { (await document.HeadAsync())!.ToString()! };
            for (var i = 0; i < 2; i++)
            {
                await document.WriteAsync(Op(1));
                heads.Add(await LeaveAsync(document));
                await document.ConnectAsync();
            }

            var client = await document.AcknowledgedAsync(Summarize(1, await document.UploadAsync("one"), heads[chosen], parents: [heads[chosen]]));
            // After the acknowledgement none of them is, though each is still there.
            foreach (var head in heads)
            {
                Assert.Contains("does not match", await document.RefusedAsync(Summarize(document.Answers.Count + 1, await document.UploadAsync("two"), head)));
            }

            Assert.Equal("one", (await document.LoadAsync(client)).Files[".app/body"]);
            Assert.DoesNotContain(".logTail/logTail", (await document.LoadAsync(client)).Files.Keys);
        }
    }

    [Fact]
    public async Task A_client_that_was_acknowledged_before_goes_on_after_a_service_summary()
    {
        await using var document = await StartAsync(hasInitialSummary: true, On);
        var client = await document.AcknowledgedAsync(Summarize(1, await document.UploadAsync("one"), (await document.HeadAsync())!.ToString()));
        await document.WriteAsync(Op(2));
        await LeaveAsync(document);
        await document.RestartAsync();
        var service = (await document.HeadAsync())!.Value;
        var next = await document.AcknowledgedAsync(Summarize(1, await document.UploadAsync("two"), client, parents: [client]));
        Assert.Equal("two", (await document.LoadAsync()).Files[".app/body"]);
        // It says that it descends from what it knew; the version between is not lost.
        Assert.Equal(service, Assert.Single((await document.ReadCommitAsync(next)).Parents));
    }

    [Fact]
    public async Task A_session_that_starts_from_one_says_what_its_parts_cover()
    {
        await using var document = await StartAsync(hasInitialSummary: true, On);
        await document.WriteAsync(Op(1));
        var service = await LeaveAsync(document);
        await document.RestartAsync();
        Assert.Equal(new SummaryContext(service, 0), document.Client.Connected!.Summary);
    }

    [Theory]
    [InlineData(false, true, true)]
    [InlineData(true, false, true)]
    [InlineData(true, true, false)]
    public async Task Is_made_only_where_it_is_on_and_there_is_a_summary_and_somebody_wrote(bool isOn, bool hasSummary, bool writes)
    {
        await using var document = await StartAsync(hasSummary, options =>
        {
            On(options);
            options.ServiceSummary = isOn;
        });
        var head = await document.HeadAsync();
        if (writes)
        {
            await document.WriteAsync(Op(1));
        }

        await document.Connection.DisconnectAsync();
        // The document may be unloaded, which waits for a service summary that is due.
        await UntilUnloadedAsync(document);
        Assert.DoesNotContain(MessageType.NoClient, string.Concat(await document.Host.ReadLogAsync()), StringComparison.Ordinal);
        Assert.Equal(head, await document.HeadAsync());
    }

    [Fact]
    public async Task Is_not_made_of_more_messages_than_are_worth_it()
    {
        await using var document = await StartAsync(hasInitialSummary: true, On);
        var head = await document.HeadAsync();
        await document.WriteAsync(Op(1, contents: $"\"{new string('x', 1 << 20)}\""));
        var (connection, reader) = await document.Host.ConnectAsync(ConnectionMode.Read);
        await document.Connection.DisconnectAsync();
        await reader.Until(() => reader.Messages.Any(message => message.Type == MessageType.Leave));
        document.Host.Time.Advance(Delay);
        await connection.DisconnectAsync();
        // The document may be unloaded, which waits for a service summary that is due.
        await UntilUnloadedAsync(document);
        Assert.Equal(head, await document.HeadAsync());
        Assert.DoesNotContain("noClient", string.Concat(await document.Host.ReadLogAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Is_made_before_the_document_is_unloaded()
    {
        await using var document = await StartAsync(hasInitialSummary: true, options =>
        {
            On(options);
            options.IdleUnloadTimeout = TimeSpan.FromMilliseconds(1);
        });
        var head = await document.HeadAsync();
        await document.WriteAsync(Op(1));
        await document.Connection.DisconnectAsync();
        await UntilUnloadedAsync(document);
        Assert.NotEqual(head, await document.HeadAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Is_made_after_a_restart_of_ops_from_before_it(bool isAfterAnother)
    {
        await using var document = await StartAsync(hasInitialSummary: true, On);
        if (isAfterAnother)
        {
            await document.WriteAsync(Op(1));
            await LeaveAsync(document);
            await document.ConnectAsync();
        }

        var head = await document.HeadAsync();
        await document.WriteAsync(Op(1));
        await document.RestartAsync(store => store);
        Assert.Equal(head, await document.HeadAsync());
        var (connection, _) = await document.Host.ConnectAsync(ConnectionMode.Read);
        await connection.DisconnectAsync();
        await UntilUnloadedAsync(document);
        var made = await document.HeadAsync();
        Assert.NotEqual(head, made);
        Assert.Equal(head, Assert.Single((await document.ReadCommitAsync(made.ToString()!)).Parents));
    }

    [Fact]
    public async Task Is_not_made_again_after_a_restart_when_nobody_wrote_since()
    {
        await using var document = await StartAsync(hasInitialSummary: true, On);
        await document.WriteAsync(Op(1));
        var head = await LeaveAsync(document);
        // Somebody comes, says nothing and is still there when the service ends.
        await document.ConnectAsync();
        await document.RestartAsync(store => store);
        var (connection, _) = await document.Host.ConnectAsync(ConnectionMode.Read);
        await connection.DisconnectAsync();
        await UntilUnloadedAsync(document);
        Assert.Equal(head, (await document.HeadAsync()).ToString());
    }

    [Fact]
    public async Task Who_comes_in_time_prevents_it()
    {
        await using var document = await StartAsync(hasInitialSummary: true, On);
        var head = await document.HeadAsync();
        await document.WriteAsync(Op(1));
        await document.Connection.DisconnectAsync();
        document.Host.Time.Advance(Delay / 2);
        await document.ConnectAsync();
        document.Host.Time.Advance(Delay);
        await document.WriteAsync(Op(1));
        Assert.Equal(head, await document.HeadAsync());
    }

    private static void On(SessionOptions options)
    {
        options.ServiceSummary = true;
        options.ServiceSummaryDelay = Delay;
        options.IdleUnloadTimeout = TimeSpan.FromHours(1);
    }

    /// <summary>The writer leaves; waits for the service summary and gives it.</summary>
    private static async Task<string> LeaveAsync(Summarizing document)
    {
        var (connection, reader) = await document.Host.ConnectAsync(ConnectionMode.Read);
        await document.Connection.DisconnectAsync();
        await reader.Until(() => reader.Messages.Any(message => message.Type == MessageType.Leave));
        document.Host.Time.Advance(Delay);
        await reader.Until(() => reader.Messages.Any(message => message.Type == MessageType.NoClient));
        await connection.DisconnectAsync();
        return (await document.HeadAsync())!.ToString()!;
    }

    private static async Task UntilUnloadedAsync(Summarizing document)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (document.Host.Directory.IsLive(Key))
        {
            patience.Token.ThrowIfCancellationRequested();
            document.Host.Time.Advance(TimeSpan.FromHours(1));
            await Task.Yield();
        }
    }
}
