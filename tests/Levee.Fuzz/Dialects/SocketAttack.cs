using System.Net.Sockets;
using Levee.Fuzz.Oracle;
using Levee.Fuzz.Wire;

namespace Levee.Fuzz.Dialects;

/// <summary>
/// One WebSocket of an attacker: sends what it is given, reads everything that comes, and knows how the server may end it. A fence is a
/// message that is always answered: when its answer is there, everything before it was handled.
/// </summary>
/// <param name="socket">The socket.</param>
/// <param name="read">Looks at a message; says what is wrong with it, or null.</param>
/// <param name="report">Told what is wrong.</param>
internal sealed class SocketAttack(RawWebSocket socket, Func<byte, byte[], string?> read, Action<string> report) : IDisposable
{
    // Normal, going away is for shutdown, protocol error, wrong type, not UTF-8, against policy, too large. 1011 would be our own fault.
    private static readonly int[] Expected = [1000, 1002, 1003, 1007, 1008, 1009];

    private readonly Dictionary<string, TaskCompletionSource> _fences = [];
    private Task _receiving = Task.CompletedTask;
    private bool _isBroken;

    /// <summary>Whether nothing more comes.</summary>
    internal bool HasEnded => _receiving.IsCompleted;

    internal void Start() => _receiving = ReceiveAsync();

    /// <summary>Sends a message; false if the server has ended the connection, as it may.</summary>
    internal Task<bool> SendAsync(byte opcode, byte[] message) => SendRawAsync(RawWebSocket.Frame(opcode, message));

    /// <summary>Sends bytes that break the rules of WebSockets: the connection may end without a word.</summary>
    internal Task<bool> BreakAsync(byte[] bytes)
    {
        _isBroken = true;
        return SendRawAsync(bytes);
    }

    /// <summary>Sends a message and waits for the answer that carries its name; false if the connection ends instead.</summary>
    internal async Task<bool> FenceAsync(string name, byte opcode, byte[] message)
    {
        var passed = Expect(name);
        return await SendAsync(opcode, message) && await PassAsync(passed);
    }

    /// <summary>Something that will come; see <see cref="Passed"/>.</summary>
    internal Task Expect(string name)
    {
        var passed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_fences)
        {
            _fences[name] = passed;
        }

        return passed.Task;
    }

    /// <summary>Waits for what was expected; false if the connection ends instead.</summary>
    internal async Task<bool> PassAsync(Task passed)
    {
        await Task.WhenAny(passed, _receiving).WaitAsync(TimeSpan.FromSeconds(60));
        return passed.IsCompletedSuccessfully;
    }

    /// <summary>It has come.</summary>
    internal void Passed(string name)
    {
        lock (_fences)
        {
            if (_fences.Remove(name, out var passed))
            {
                passed.TrySetResult();
            }
        }
    }

    /// <summary>Waits until the server has ended the connection.</summary>
    internal Task EndedAsync() => _receiving.WaitAsync(TimeSpan.FromSeconds(60));

    /// <summary>Cuts the connection without a word.</summary>
    internal async Task AbortAsync()
    {
        _isBroken = true;
        socket.Dispose();
        await _receiving;
    }

    /// <inheritdoc/>
    public void Dispose() => socket.Dispose();

    private async Task<bool> SendRawAsync(byte[] bytes)
    {
        try
        {
            await socket.SendRawAsync(bytes);
            return !HasEnded;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The reader knows why the server ended it, and whether it may.
            await EndedAsync();
            return false;
        }
    }

    private async Task ReceiveAsync()
    {
        try
        {
            while (await socket.ReceiveAsync() is { } message)
            {
                if (message.Opcode == RawWebSocket.Close)
                {
                    CheckClose(message.Payload);
                    await socket.SendRawAsync(RawWebSocket.Frame(RawWebSocket.Close, message.Payload.AsSpan(0, Math.Min(2, message.Payload.Length))));
                    return;
                }

                if (read(message.Opcode, message.Payload) is { } wrong)
                {
                    report($"{wrong}: {Findings.Printable(message.Payload)}");
                }
            }

            if (!_isBroken)
            {
                report("the socket ended without a close frame");
            }
        }
        catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException)
        {
            if (!_isBroken)
            {
                report($"the socket ended without a close frame: {e.Message}");
            }
        }
        catch (Exception e) when (!_isBroken || e is not InvalidDataException)
        {
            report(e.Message);
        }
        catch (InvalidDataException)
        {
            // Cut off within a frame, by the abort.
        }
    }

    private void CheckClose(byte[] payload)
    {
        var status = payload.Length < 2 ? 0 : (payload[0] << 8) | payload[1];
        if (!Expected.Contains(status) && !(_isBroken && status == 0))
        {
            report($"the socket was closed with {status} {Findings.Printable(payload)}");
        }
    }
}
