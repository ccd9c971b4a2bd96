using System.Text;
using System.Text.Json;
using CsCheck;
using Levee.Protocol;

namespace Levee.Client.Tests;

/// <summary>
/// Submissions against a small server that is made of what the rules say and nothing else, under any schedule of connections that
/// break, answers that are lost, ops that arrive after the break and other pushes that are answered or refused in between.
/// </summary>
public sealed class PendingOpsTests
{
    private enum Step
    {
        Submit,
        Send,
        Arrive,
        Read,
        Answer,
        AnswerAnother,
        RefuseAnother,
        Break,
        BreakAndLose,
        Connect,
    }

    [Fact]
    public void Every_op_is_sequenced_exactly_once_in_the_order_of_submission_whatever_breaks() =>
        Gen.Enum<Step>().Array[0, 120].Sample(steps =>
        {
            var world = new World();
            world.Do(Step.Connect);
            Array.ForEach(steps, world.Do);
            world.Settle();

            Assert.Equal(Enumerable.Range(0, world.Submitted), world.Sequenced);
            Assert.All(world.Batches, batch => Assert.True(batch.Completion.Task.IsCompletedSuccessfully));
        }, iter: 20_000);

    [Fact]
    public void An_op_is_acknowledged_only_when_it_is_sequenced() =>
        Gen.Enum<Step>().Array[0, 120].Sample(steps =>
        {
            var world = new World();
            world.Do(Step.Connect);
            foreach (var step in steps)
            {
                world.Do(step);
                for (var i = 0; i < world.Batches.Count; i++)
                {
                    Assert.True(!world.Batches[i].Completion.Task.IsCompleted || world.Sequenced.Contains(2 * i));
                }
            }
        }, iter: 5_000);

    private sealed class World
    {
        private readonly PendingOps _pending = new(maxNacks: 3);
        private readonly List<SequencedMessage> _log = [];
        private readonly List<(string ClientId, string Ref, List<(long Number, int Op)> Ops)> _wire = [];
        private readonly Queue<string> _answers = [];
        private readonly Queue<string> _gone = [];
        private readonly Dictionary<PendingOp, int> _ids = [];
        private int _read;
        private int _clients;
        private int _pushes;
        private string? _clientId;
        public List<PendingBatch> Batches { get; } = [];

        public List<int> Sequenced { get; } = [];

        public int Submitted => 2 * Batches.Count;

        public void Do(Step step)
        {
            switch (step)
            {
                case Step.Submit:
                    Submit();
                    break;
                case Step.Send when _clientId is not null && _pending.TryTake(0, out var batch):
                    batch.Ref = NextRef();
                    _wire.Add((_clientId, batch.Ref, [.. batch.Ops.Select(op => (op.ClientSequenceNumber, _ids[op]))]));
                    break;
                case Step.Arrive:
                    Arrive();
                    break;
                case Step.Read when _clientId is not null && _read < _log.Count:
                    _pending.Observe(_log[_read++]);
                    break;
                case Step.Answer when _answers.TryDequeue(out var reference):
                    _pending.Acknowledge(reference);
                    break;
                case Step.AnswerAnother when _clientId is not null:
                    // A signal's, say: it took a ref of its own.
                    _answers.Enqueue(NextRef());
                    break;
                case Step.RefuseAnother when _clientId is not null && NextRef() is var refused && _pending.IsSent(refused):
                    _pending.Refuse(refused, NackContent.TooLarge("another push"));
                    break;
                case Step.Break when _clientId is not null:
                    Break();
                    break;
                case Step.BreakAndLose when _clientId is not null:
                    _wire.RemoveAll(push => push.ClientId == _clientId);
                    Break();
                    break;
                case Step.Connect when _clientId is null:
                    Connect();
                    break;
                default:
                    break;
            }
        }

        /// <summary>Lets everything come to its end.</summary>
        public void Settle()
        {
            Do(Step.Connect);
            for (var i = 0; i < 1000; i++)
            {
                Do(Step.Arrive);
                Do(Step.Read);
                Do(Step.Answer);
                Do(Step.Send);
            }
        }

        private string NextRef() => $"{++_pushes}";

        private void Break()
        {
            _pending.Disconnected();
            _answers.Clear();
            _gone.Enqueue(_clientId!);
            _clientId = null;
        }

        private void Submit()
        {
            var batch = new PendingBatch([LeveeOp.Of(1), LeveeOp.Of(2)], processed: 0);
            foreach (var op in batch.Ops)
            {
                _ids[op] = _ids.Count;
            }

            Batches.Add(batch);
            _pending.Add(batch);
        }

        private void Connect()
        {
            _clientId = $"client {++_clients}";
            // Each connection counts its pushes from the start.
            _pushes = 0;
            _pending.Connected(_clientId, _clients == 1 ? 0 : null);
            if (_clients > 1)
            {
                Sequence(null, -1, "join", JsonSerializer.Serialize(new { clientId = _clientId, detail = new { } }));
            }
        }

        /// <summary>
        /// The server takes the next push, of the client that is gone too: its socket may be read to its end after the new client
        /// has joined. Its leave comes when there is nothing more of it.
        /// </summary>
        private void Arrive()
        {
            if (_wire.Count > 0)
            {
                var (clientId, reference, ops) = _wire[0];
                _wire.RemoveAt(0);
                foreach (var (number, op) in ops)
                {
                    Sequence(clientId, number, "op", null);
                    Sequenced.Add(op);
                }

                if (clientId == _clientId)
                {
                    _answers.Enqueue(reference);
                }
            }
            else if (_gone.TryDequeue(out var gone))
            {
                Sequence(null, -1, "leave", JsonSerializer.Serialize(gone));
            }
        }

        private void Sequence(string? clientId, long number, string type, string? data) =>
            _log.Add(new SequencedMessage(Encoding.UTF8.GetBytes(
                $$"""{"clientId":{{JsonSerializer.Serialize(clientId)}},"clientSequenceNumber":{{number}},"minimumSequenceNumber":0,"referenceSequenceNumber":-1,"sequenceNumber":{{_log.Count + 1}},"timestamp":0,"type":"{{type}}","contents":null,"data":{{JsonSerializer.Serialize(data)}}}""")));
    }
}
