using System.Collections.Concurrent;
using System.Threading.Channels;
using Levee.Gateway.Phoenix;
using Levee.Gateway.Phoenix.Serializers;

namespace Levee.Gateway.Tests.Phoenix;

/// <summary>What the test's channels have in common: who is there, and who has left and how.</summary>
public sealed class EchoHub
{
    private readonly ConcurrentDictionary<ChannelContext, bool> _members = new();
    private readonly Channel<(string Topic, ChannelCloseReason Reason)> _left =
        Channel.CreateUnbounded<(string, ChannelCloseReason)>();

    private int _encoded;

    public int LeaveCount { get; private set; }

    public int FramesEncoded => _encoded;

    public void Joined(ChannelContext context) => _members[context] = true;

    public void Left(ChannelContext context, ChannelCloseReason reason)
    {
        _members.TryRemove(context, out _);
        lock (_members)
        {
            LeaveCount++;
        }

        _left.Writer.TryWrite((context.Topic, reason));
    }

    public async Task<(string Topic, ChannelCloseReason Reason)> NextLeaveAsync() =>
        await _left.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask()
            .WaitAsync(PhoenixServer.Patience, TestContext.Current.CancellationToken);

    public ChannelContext Member(string topic) => _members.Keys.Single(c => c.Topic == topic);

    /// <summary>One frame per topic and serializer, shared by all of its members.</summary>
    public void Broadcast(string eventName, byte[] payload)
    {
        var frames = new Dictionary<(string, IPhoenixSerializer), ReadOnlyMemory<byte>>();
        foreach (var member in _members.Keys)
        {
            if (!frames.TryGetValue((member.Topic, member.Serializer), out var frame))
            {
                frame = member.Serializer.EncodePush(member.Topic, eventName, payload);
                frames.Add((member.Topic, member.Serializer), frame);
                Interlocked.Increment(ref _encoded);
            }

            member.PushShared(frame);
        }
    }
}
