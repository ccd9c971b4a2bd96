using System.Collections.Concurrent;
using System.Text;
using System.Threading.Channels;
using Levee.Gateway.SocketIo;
using Levee.Gateway.Tests.Sockets;

namespace Levee.Gateway.Tests.SocketIo;

/// <summary>What the test's handlers have in common: who is there, who has left, and what they noted.</summary>
public sealed class SocketIoHub
{
    private readonly ConcurrentDictionary<SocketIoSocket, bool> _members = new();
    private readonly Channel<string> _left = Channel.CreateUnbounded<string>();
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _leaves;
    private int _waits;

    public ConcurrentQueue<string> Notes { get; } = new();

    public bool RefusesHandlers { get; set; }

    /// <summary>Whether handlers that leave wait for <see cref="Release"/>.</summary>
    public bool HoldsLeaves { get; set; }

    public int LeaveCount => _leaves;

    public int MemberCount => _members.Count;

    /// <summary>How many handlers have begun to wait.</summary>
    public int Waits => _waits;

    /// <summary>Waits for <see cref="Release"/>.</summary>
    public Task WaitAsync()
    {
        Interlocked.Increment(ref _waits);
        return _released.Task;
    }

    public void Release() => _released.TrySetResult();

    public void Note(ReadOnlyMemory<byte> json) => Notes.Enqueue(Encoding.UTF8.GetString(json.Span));

    public void Joined(SocketIoSocket socket) => _members[socket] = true;

    public void Left(SocketIoSocket socket)
    {
        Interlocked.Increment(ref _leaves);
        _members.TryRemove(socket, out _);
        _left.Writer.TryWrite(socket.Id);
    }

    /// <summary>The id of the next one that left.</summary>
    public async Task<string> NextLeaveAsync() =>
        await _left.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask()
            .WaitAsync(Eventually.Patience, TestContext.Current.CancellationToken);

    public SocketIoSocket Member(string? id) => _members.Keys.Single(socket => socket.Id == id);

    /// <summary>One packet, shared by all.</summary>
    public void Broadcast(ReadOnlyMemory<byte> packet)
    {
        foreach (var member in _members.Keys)
        {
            member.Send(packet);
        }
    }
}
