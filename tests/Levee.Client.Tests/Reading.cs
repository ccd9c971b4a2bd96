using Levee.Protocol;

namespace Levee.Client.Tests;

internal static class Reading
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Reads until <paramref name="isLast"/> says so, and asserts that the numbers have neither gap nor repeat.</summary>
    public static async Task<List<SequencedMessage>> ReadUntilAsync(
        this LeveeDocument document, Func<SequencedMessage, bool> isLast, long? after = null)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        var messages = new List<SequencedMessage>();
        await foreach (var message in document.ReadMessagesAsync(after, patience.Token))
        {
            messages.Add(message);
            if (isLast(message))
            {
                break;
            }
        }

        var first = after ?? document.StartSequenceNumber;
        Assert.Equal(Enumerable.Range(1, messages.Count).Select(i => first + i), messages.Select(message => message.SequenceNumber));
        return messages;
    }

    /// <summary>Reads until <paramref name="count"/> ops have come.</summary>
    public static Task<List<SequencedMessage>> ReadOpsAsync(this LeveeDocument document, int count, long? after = null)
    {
        var seen = 0;
        return document.ReadUntilAsync(message => message.Type == MessageType.Op && ++seen == count, after);
    }

    /// <summary>The contents of the ops among <paramref name="messages"/>.</summary>
    public static IEnumerable<string> OpTexts(this IEnumerable<SequencedMessage> messages) =>
        messages.Where(message => message.Type == MessageType.Op).Select(message => message.ReadContents<string>()!);

    /// <summary>Waits for a task of which a test expects that it ends.</summary>
    public static Task Soon(this Task task) => task.WaitAsync(Patience, TestContext.Current.CancellationToken);

    /// <inheritdoc cref="Soon(Task)"/>
    public static Task<T> Soon<T>(this Task<T> task) => task.WaitAsync(Patience, TestContext.Current.CancellationToken);

    /// <summary>Completes when the document is in the state.</summary>
    public static async Task ReachesAsync(this LeveeDocument document, LeveeConnectionState state)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look(LeveeConnectionState changed)
        {
            if (changed == state)
            {
                reached.TrySetResult();
            }
        }

        document.StateChanged += Look;
        Look(document.State);
        await reached.Task.Soon();
        document.StateChanged -= Look;
    }

    /// <summary>Completes when exactly these are in the document's audience.</summary>
    public static async Task SeesAsync(this LeveeDocument document, params string[] clientIds)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look(AudienceMember? changed)
        {
            if (document.Audience.Members.Keys.ToHashSet().SetEquals(clientIds))
            {
                reached.TrySetResult();
            }
        }

        document.Audience.MemberJoined += Look;
        document.Audience.MemberLeft += Look;
        Look(null);
        await reached.Task.Soon();
        document.Audience.MemberJoined -= Look;
        document.Audience.MemberLeft -= Look;
    }
}
