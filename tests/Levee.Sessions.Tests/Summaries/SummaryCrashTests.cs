using Levee.Protocol;
using static Levee.Sessions.Tests.SessionHost;
using static Levee.Sessions.Tests.Summarizing;

namespace Levee.Sessions.Tests;

/// <summary>
/// A process that dies at any write on a summary's way: upload, op, commit, acknowledgement with the head, service summary. After the restart there
/// is one answer to each summary that is in the log, and the head is what the log says.
/// </summary>
public sealed class SummaryCrashTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Whatever_was_the_last_write_the_head_and_the_answers_agree_after_a_restart(bool isLastKept)
    {
        var seen = new HashSet<string>();
        var hasCrashed = true;
        for (var lastWrite = 1; hasCrashed; lastWrite++)
        {
            CrashingStore? crashing = null;
            await using var document = await PrepareAsync();
            await document.RestartAsync(store => crashing = new CrashingStore(store, lastWrite, isLastKept));
            seen.Add(await RunAsync(document));
            hasCrashed = crashing!.HasCrashed;

            await document.RestartAsync();
            var client = document.Client;
            await client.Until(() => client.Numbers.Contains(client.Connected!.CheckpointSequenceNumber)
                && document.Answers.Count >= client.Messages.Count(message => message.Type == MessageType.Summarize));
            await AssertAgreesAsync(document);
        }

        // The runs did end in different places, and the last one ended well.
        Assert.Superset(new HashSet<string> { "nothing", "summarized", "acknowledged", "answered", "left" }, seen);
    }

    private static async Task<Summarizing> PrepareAsync()
    {
        var document = await StartAsync(hasInitialSummary: true, options =>
        {
            options.ServiceSummary = true;
            options.ServiceSummaryDelay = TimeSpan.FromSeconds(1);
            options.CheckpointInterval = 3;
        });
        await document.WriteAsync(Op(1, 1));
        return document;
    }

    /// <summary>Two clients' worth of summaries at once, then everybody leaves. Says how far it came.</summary>
    private static async Task<string> RunAsync(Summarizing document)
    {
        var client = new RecordingClient();
        bool IsOver() => client.Refused is not null || client.Ended is not null;
        var connection = NewConnection(client, lastSeen: 0);
        await document.Host.Directory.ConnectAsync(Key, connection);
        await client.Until(() => IsOver() || client.Connected is not null);
        var head = (await document.HeadAsync())!.ToString();
        try
        {
            var (one, two) = (await document.UploadAsync("one"), await document.UploadAsync("two"));
            if (!IsOver())
            {
                await connection.SubmitAsync(Ops(Op(1), Summarize(2, one, head, parents: [head!]), Summarize(3, two, head, parents: [head!])));
                await client.Until(() => IsOver() || client.Messages.Count(message => SummaryAnswer.Read(message) is not null) == 2);
            }
        }
        catch (IOException)
        {
            return "nothing";
        }

        if (IsOver())
        {
            return Progress(client);
        }

        var reader = new RecordingClient();
        await document.Host.Directory.ConnectAsync(Key, NewConnection(reader, ConnectionMode.Read));
        await connection.DisconnectAsync();
        bool HasEnded() => reader.Refused is not null || reader.Ended is not null;
        await reader.Until(() => HasEnded() || reader.Messages.Any(message => message.Type == MessageType.Leave));
        document.Host.Time.Advance(TimeSpan.FromSeconds(1));
        await reader.Until(() => HasEnded() || reader.Messages.Any(message => message.Type == MessageType.NoClient));
        return reader.Messages.Any(message => message.Type == MessageType.NoClient) ? "left" : Progress(client);
    }

    private static string Progress(RecordingClient client)
    {
        var types = client.Messages.Select(message => message.Type).ToHashSet();
        return types.Contains(MessageType.SummaryNack) ? "answered"
            : types.Contains(MessageType.SummaryAck) ? "acknowledged"
            : types.Contains(MessageType.Summarize) ? "summarized"
            : "nothing";
    }

    private static async Task AssertAgreesAsync(Summarizing document)
    {
        var log = document.Client.Messages.ToList();
        Assert.Equal(Enumerable.Range(1, log.Count).Select(number => (long)number), log.Select(message => message.SequenceNumber));
        var summarized = log.Where(message => message.Type == MessageType.Summarize).Select(message => message.SequenceNumber);
        Assert.Equal(summarized, document.Answers.Select(answer => answer.SummarySequenceNumber));
        // Of two at once the first wins.
        Assert.Equal(document.Answers.Count > 0 ? 1 : 0, document.Answers.Count(answer => answer.Handle is not null));

        var head = (await document.HeadAsync())!.ToString()!;
        var (commit, files) = (await document.ReadCommitAsync(head), (await document.LoadAsync()).Files);
        var announced = log.Where(message => message.Type == MessageType.NoClient).Select(message => $"Service Summary @{message.SequenceNumber}").ToList();
        Assert.Equal(announced, commit.Message.StartsWith("Service", StringComparison.Ordinal) ? [commit.Message] : []);
        Assert.Equal(announced.Count, files.Keys.Count(path => path.StartsWith(".logTail/", StringComparison.Ordinal)));
        var clients = announced.Count > 0 ? commit.Parents.Single().ToString() : head;
        Assert.Equal(document.Answers.Count > 0 ? document.Answers[0].Handle : clients, clients);
        Assert.Equal(document.Answers.Count > 0 ? "one" : "initial", files[".app/body"]);
    }
}
