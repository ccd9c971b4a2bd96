using System.Text.Json;
using Levee.Gateway.Phoenix;

namespace Levee.Gateway.Tests.Phoenix;

/// <summary>A channel that does what its client asks for, misbehaviour included.</summary>
public sealed class EchoChannel(ChannelContext context, EchoHub hub) : PhoenixChannel(context)
{
    public override ValueTask<JoinResult> JoinAsync(ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        using var json = JsonDocument.Parse(payload);
        if (json.RootElement.TryGetProperty("boom", out _))
        {
            throw new InvalidOperationException("asked for");
        }

        if (json.RootElement.TryGetProperty("refuse", out var reason))
        {
            return ValueTask.FromResult(JoinResult.Error(JsonSerializer.SerializeToUtf8Bytes(new { reason })));
        }

        hub.Joined(Context);
        return ValueTask.FromResult(JoinResult.Ok(payload));
    }

    public override async ValueTask HandleAsync(
        string eventName, string? reference, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        switch (eventName)
        {
            case "echo": Context.Reply(reference, ReplyStatus.Ok, payload.Span); break;
            case "refuse": Context.Reply(reference, ReplyStatus.Error, payload.Span); break;
            case "push": Context.Push("pushed", payload.Span); break;
            case "later": _ = Task.Run(() => Context.Reply(reference, ReplyStatus.Ok, payload.Span), CancellationToken.None); break;
            case "broadcast": hub.Broadcast("news", payload.ToArray()); break;
            case "boom": throw new InvalidOperationException("asked for");
            case "close": Context.Close("asked for"); break;
            case "crash": Context.Crash("asked for"); break;
            case "hang": await Task.Delay(Timeout.Infinite, cancellationToken); break;
            default: throw new ArgumentOutOfRangeException(nameof(eventName));
        }
    }

    public override ValueTask LeaveAsync(ChannelCloseReason reason)
    {
        hub.Left(Context, reason);
        return Context.Topic.EndsWith("bad-leave", StringComparison.Ordinal)
            ? throw new InvalidOperationException("asked for")
            : ValueTask.CompletedTask;
    }
}
