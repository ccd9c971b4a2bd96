using System.Text.Json;
using Levee.Gateway.SocketIo;

namespace Levee.Gateway.Tests.SocketIo;

/// <summary>A handler that does what its client asks for, misbehaviour included.</summary>
public sealed class EchoHandler : SocketIoHandler
{
    private readonly SocketIoHub _hub;

    public EchoHandler(SocketIoSocket socket, SocketIoHub hub)
        : base(socket)
    {
        if (hub.RefusesHandlers)
        {
            throw new InvalidOperationException("asked for");
        }

        _hub = hub;
        hub.Joined(socket);
    }

    public override async ValueTask HandleAsync(string eventName, ReadOnlyMemory<byte> packet, long? acknowledgementId)
    {
        using var json = JsonDocument.Parse(packet);
        Assert.Equal(eventName, json.RootElement[0].GetString());
        var arguments = json.RootElement.EnumerateArray().Skip(1)
            .Select(argument => (ReadOnlyMemory<byte>)JsonSerializer.SerializeToUtf8Bytes(argument)).ToArray();
        switch (eventName)
        {
            case "echo": Socket.Send(SocketIoPackets.Event("echo", arguments)); break;
            case "ping": Socket.Acknowledge(acknowledgementId!.Value); break;
            case "broadcast": _hub.Broadcast(SocketIoPackets.Event("news", arguments)); break;
            case "boom": throw new InvalidOperationException("asked for");
            case "kick": Socket.Disconnect("asked for"); break;
            case "hang": await Task.Delay(Timeout.Infinite, Socket.Aborted); break;
            case "wait": await _hub.WaitAsync(); break;
            case "note": _hub.Note(arguments[0]); break;
            default: throw new ArgumentOutOfRangeException(nameof(eventName));
        }
    }

    public override async ValueTask LeaveAsync()
    {
        Assert.True(Socket.Aborted.IsCancellationRequested);
        Assert.False(Socket.Send(SocketIoPackets.Event("too late")));
        if (_hub.HoldsLeaves)
        {
            await _hub.WaitAsync();
        }

        _hub.Left(Socket);
    }
}
