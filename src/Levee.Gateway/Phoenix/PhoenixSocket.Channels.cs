namespace Levee.Gateway.Phoenix;

/// <content>The channel protocol: frames to channels. The rules are those of Phoenix's own <c>Phoenix.Socket</c>.</content>
public sealed partial class PhoenixSocket
{
    // Topics of this socket, and the ends of channels that run beside the loop; both under _gate.
    private readonly Dictionary<string, ChannelSlot> _channels = new(StringComparer.Ordinal);
    private readonly List<Task> _endings = [];

    internal void EndFromChannel(ChannelSlot slot, ChannelCloseReason reason, string why)
    {
        if (slot.TryBeginEnd())
        {
            Log.ChannelEnded(_logger, Id, slot.ChannelType, reason, why);
            Forget(slot);
            slot.Shut(LastFrame(slot, reason));
            RunBeside(slot, reason);
        }
    }

    private ValueTask HandleFrameAsync(PhoenixFrame frame)
    {
        if (frame is { Topic: PhoenixEvents.SocketTopic, Event: PhoenixEvents.Heartbeat })
        {
            Answer(frame, ReplyStatus.Ok, "{}"u8);
            return ValueTask.CompletedTask;
        }

        var slot = FindSlot(frame.Topic);
        return frame.Event switch
        {
            PhoenixEvents.Join => JoinAsync(frame, slot),
            PhoenixEvents.Leave => LeaveAsync(frame, slot),
            _ => PushAsync(frame, slot),
        };
    }

    private async ValueTask JoinAsync(PhoenixFrame frame, ChannelSlot? earlier)
    {
        if (_routes.Find(frame.Topic) is not { } route)
        {
            Answer(frame, ReplyStatus.Error, Reasons.UnmatchedTopic);
            return;
        }

        if (earlier is not null && earlier.TryBeginEnd())
        {
            Forget(earlier);
            earlier.Shut(LastFrame(earlier, ChannelCloseReason.Replaced));
            await EndSlotAsync(earlier, ChannelCloseReason.Replaced);
        }

        var slot = new ChannelSlot(this, frame.Topic, frame.JoinRef);
        switch (TryAdd(slot))
        {
            case true: await JoinSlotAsync(frame, slot, route); break;
            case false: Answer(frame, ReplyStatus.Error, Reasons.TooManyTopics); break;
            default: break;
        }
    }

    private async ValueTask JoinSlotAsync(PhoenixFrame frame, ChannelSlot slot, ChannelRoute route)
    {
        try
        {
            var result = await slot.JoinAsync(context => route.Create(_services, context), frame.Payload);
            if (result.Status == ReplyStatus.Ok)
            {
                slot.Send(Serializer.EncodeReply(slot.Topic, slot.JoinRef, frame.Ref, result.Status, result.Response.Span));
            }
            else if (slot.TryBeginEnd())
            {
                Forget(slot);
                slot.Shut(Serializer.EncodeReply(slot.Topic, slot.JoinRef, frame.Ref, result.Status, result.Response.Span));
            }
        }
        catch (Exception e)
        {
            await CrashAsync(slot, "join", e, Serializer.EncodeReply(
                slot.Topic, slot.JoinRef, frame.Ref, ReplyStatus.Error, Reasons.JoinCrashed));
        }
    }

    private async ValueTask LeaveAsync(PhoenixFrame frame, ChannelSlot? slot)
    {
        if (slot is null)
        {
            Answer(frame, ReplyStatus.Ok, "{}"u8);
        }
        else if (slot.IsMember(frame.JoinRef) && slot.TryBeginEnd())
        {
            await EndSlotAsync(slot, ChannelCloseReason.Left);
            Forget(slot);
            slot.Send(Serializer.EncodeReply(slot.Topic, slot.JoinRef, frame.Ref, ReplyStatus.Ok, "{}"u8));
            slot.Shut(LastFrame(slot, ChannelCloseReason.Left));
        }

        // A leave of an earlier join raced with our phx_close, which has already answered it.
    }

    private async ValueTask PushAsync(PhoenixFrame frame, ChannelSlot? slot)
    {
        if (slot is null)
        {
            Answer(frame, ReplyStatus.Error, Reasons.UnmatchedTopic);
            return;
        }

        // An event of an earlier join raced with our phx_close, and is not meant for this one.
        if (!slot.IsMember(frame.JoinRef))
        {
            return;
        }

        try
        {
            await slot.HandleAsync(frame);
        }
        catch (Exception e)
        {
            await CrashAsync(slot, "an event", e, LastFrame(slot, ChannelCloseReason.Crashed));
        }
    }

    private async ValueTask CrashAsync(ChannelSlot slot, string step, Exception e, ReadOnlyMemory<byte> lastFrame)
    {
        // What a channel throws while it is being ended, cancellation above all, is part of the end.
        if (!slot.TryBeginEnd())
        {
            return;
        }

        Log.ChannelCrashed(_logger, Id, slot.ChannelType, step, e.GetType().Name, e.StackTrace);
        Forget(slot);
        slot.Shut(lastFrame);
        await EndSlotAsync(slot, ChannelCloseReason.Crashed);
    }

    private void EndAllChannels(ChannelCloseReason reason)
    {
        ChannelSlot[] slots;
        lock (_gate)
        {
            slots = [.. _channels.Values];
            _channels.Clear();
        }

        foreach (var slot in slots)
        {
            if (slot.TryBeginEnd())
            {
                RunBeside(slot, reason);
            }
        }
    }

    private void RunBeside(ChannelSlot slot, ChannelCloseReason reason)
    {
        // Whoever ends a channel from outside the loop must not wait for it, nor run its callbacks.
        var ending = Task.Run(() => EndSlotAsync(slot, reason).AsTask());
        lock (_gate)
        {
            _endings.RemoveAll(static task => task.IsCompleted);
            _endings.Add(ending);
        }
    }

    private async ValueTask EndSlotAsync(ChannelSlot slot, ChannelCloseReason reason)
    {
        try
        {
            await slot.EndAsync(reason);
        }
        catch (Exception e)
        {
            Log.ChannelCrashed(_logger, Id, slot.ChannelType, "leave", e.GetType().Name, e.StackTrace);
        }
    }

    private Task WhenChannelsHaveEndedAsync()
    {
        lock (_gate)
        {
            return Task.WhenAll(_endings);
        }
    }

    private ChannelSlot? FindSlot(string topic)
    {
        lock (_gate)
        {
            return _channels.GetValueOrDefault(topic);
        }
    }

    // Null when the socket is closing, and nobody would end the channel any more.
    private bool? TryAdd(ChannelSlot slot)
    {
        lock (_gate)
        {
            if (IsClosing)
            {
                return null;
            }

            // An earlier join of the topic that is just ending does not count, and forgets only itself.
            var others = _channels.Count - (_channels.ContainsKey(slot.Topic) ? 1 : 0);
            if (others >= _options.MaxTopicsPerSocket)
            {
                return false;
            }

            _channels[slot.Topic] = slot;
            return true;
        }
    }

    private void Forget(ChannelSlot slot)
    {
        lock (_gate)
        {
            if (_channels.GetValueOrDefault(slot.Topic) == slot)
            {
                _channels.Remove(slot.Topic);
            }
        }
    }

    // As in Phoenix, both carry the join's ref as their own too.
    private ReadOnlyMemory<byte> LastFrame(ChannelSlot slot, ChannelCloseReason reason) =>
        Serializer.EncodePush(
            slot.Topic,
            reason == ChannelCloseReason.Crashed ? PhoenixEvents.Error : PhoenixEvents.Close,
            "{}"u8,
            slot.JoinRef,
            slot.JoinRef);

    private void Answer(PhoenixFrame frame, ReplyStatus status, ReadOnlySpan<byte> responseJson) =>
        Send(Serializer.EncodeReply(frame.Topic, frame.JoinRef, frame.Ref, status, responseJson));

    private static class Reasons
    {
        internal static ReadOnlySpan<byte> UnmatchedTopic => """{"reason":"unmatched topic"}"""u8;

        internal static ReadOnlySpan<byte> TooManyTopics => """{"reason":"too_many_topics"}"""u8;

        internal static ReadOnlySpan<byte> JoinCrashed => """{"reason":"join crashed"}"""u8;
    }
}
