using System.Text;
using Levee.Protocol;

namespace Levee.Sessions.Tests;

/// <summary>A client of a session that keeps all it is told, and lets a test wait for it.</summary>
internal sealed class RecordingClient : IDocumentClient
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private readonly List<(Func<bool> Holds, TaskCompletionSource Met)> _waiters = [];
    private readonly List<string> _ops = [];
    private readonly List<IReadOnlyList<Nack>> _answers = [];
    private readonly List<string> _signals = [];
    private readonly List<string> _events = [];

    public ConnectedDocument? Connected { get; private set; }

    public ConnectRefusal? Refused { get; private set; }

    public SessionEnd? Ended { get; private set; }

    /// <summary>All messages, in the order of delivery.</summary>
    public List<string> Ops => Copy(_ops);

    public List<IReadOnlyList<Nack>> Answers => Copy(_answers);

    public List<string> Signals => Copy(_signals);

    /// <summary>What happened, in order, by name.</summary>
    public List<string> Events => Copy(_events);

    /// <summary>When set, a reader of history waits for it.</summary>
    public TaskCompletionSource<bool>? Room { get; set; }

    /// <summary>How often a reader of history asked whether it may send.</summary>
    public int TurnsAsked { get; private set; }

    /// <summary>How many of its turns a reader of history has ended.</summary>
    public int TurnsEnded { get; private set; }

    public IEnumerable<SequencedDocumentMessage> Messages => Ops.Select(op => SequencedMessageReader.Read(Encoding.UTF8.GetBytes(op)));

    public IEnumerable<long> Numbers => Messages.Select(message => message.SequenceNumber);

    public void OnConnected(ConnectedDocument document) => Record("connected", () => Connected = document);

    public void OnRefused(ConnectRefusal refusal) => Record("refused", () => Refused = refusal);

    public void OnOps(OpsBroadcast ops) => Record("ops", () =>
    {
        for (var i = 0; i < ops.Deltas.Count; i++)
        {
            _ops.Add(Encoding.UTF8.GetString(ops.Deltas[i].Span));
        }
    });

    public void OnSubmitted(Submission submission, IReadOnlyList<Nack> nacks) => Record("submitted", () => _answers.Add(nacks));

    public void OnSignal(SignalBroadcast signal) =>
        Record("signal", () => _signals.Add($"{signal.ClientId}:{Encoding.UTF8.GetString(signal.Content.Span)}"));

    public void OnSessionEnded(SessionEnd end) => Record("ended", () => Ended = end);

    public async ValueTask<IDisposable?> TakeTurnAsync()
    {
        Note(() => TurnsAsked++);
        return Room is { } room && !await room.Task ? null : new Turn(this);
    }

    public void ForgetAnswers()
    {
        lock (_lock)
        {
            _answers.Clear();
        }
    }

    public Task UntilConnected() => Until(() => Connected is not null);

    public Task UntilOps(int count) => Until(() => _ops.Count >= count);

    /// <summary>Waits until something holds of what was recorded.</summary>
    public Task Until(Func<bool> holds)
    {
        lock (_lock)
        {
            if (holds())
            {
                return Task.CompletedTask;
            }

            var met = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((holds, met));
            return met.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
        }
    }

    // The session goes on while a test looks.
    private List<T> Copy<T>(List<T> list)
    {
        lock (_lock)
        {
            return [.. list];
        }
    }

    private void Record(string name, Action record) => Note(() =>
    {
        _events.Add(name);
        record();
    });

    private void Note(Action record)
    {
        lock (_lock)
        {
            record();
            foreach (var (holds, met) in _waiters)
            {
                if (holds())
                {
                    met.TrySetResult();
                }
            }

            _waiters.RemoveAll(waiter => waiter.Met.Task.IsCompleted);
        }
    }

    private sealed class Turn(RecordingClient client) : IDisposable
    {
        public void Dispose() => client.Note(() => client.TurnsEnded++);
    }
}
