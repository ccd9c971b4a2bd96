using System.Text;
using Levee.Fuzz.Oracle;
using Levee.Fuzz.Wire;

namespace Levee.Fuzz.Dialects;

/// <summary>An attacker that speaks Socket.IO, on a WebSocket or by polling, and may upgrade from the one to the other.</summary>
internal sealed class SocketIoConversation(Room room, Findings findings, long number, Random random)
    : Conversation(room, findings, Name, number, random)
{
    internal const string Name = "socketio";

    private SocketIoAnswers _answers = new();
    private SocketIoPackets _packets = null!;
    private int _lastFence;

    /// <inheritdoc/>
    private protected override async Task ConnectAndSendAsync(int inputs)
    {
        _answers = new SocketIoAnswers();
        _packets = new SocketIoPackets(Room, Random);
        if (Random.Next(3) == 0)
        {
            await PollAsync(Random.Next(1, inputs + 1));
            return;
        }

        var (socket, _) = await RawWebSocket.OpenAsync(Room.Url, $"/socket.io/?documentId={Room.Document}&tenantId={Room.Tenant}&EIO=4&transport=websocket");
        using var attack = Attack(socket ?? throw new InvalidDataException("a good handshake was refused"));
        if (await OpenAsync(attack) && await SendAllAsync(attack, Random.Next(1, inputs + 1)))
        {
            await LeaveAsync(attack);
        }
        else
        {
            await attack.EndedAsync();
        }
    }

    private SocketAttack Attack(RawWebSocket socket)
    {
        SocketAttack? attack = null;
        attack = new SocketAttack(socket, Read, Report);
        attack.Start();
        return attack;

        string? Read(byte opcode, byte[] message)
        {
            var wrong = _answers.Read(opcode, message, out var passed);
            if (passed is not null)
            {
                attack!.Passed(passed);
            }

            return wrong;
        }
    }

    /// <summary>Mostly as a good client begins; that this works is required.</summary>
    private async Task<bool> OpenAsync(SocketAttack attack)
    {
        if (Random.Next(6) == 0)
        {
            return true;
        }

        if (!await FenceAsync(attack, SocketIoAnswers.Namespace, "40") || Random.Next(10) == 0)
        {
            return !attack.HasEnded;
        }

        if (!await FenceAsync(attack, SocketIoAnswers.Connected, _packets.Connect(Room.Tokens[Random.Next(2)], Random.Next(6) == 0 ? "read" : "write")))
        {
            return false;
        }

        if (_answers.ClientId is null)
        {
            Report("a good connect_document was refused");
        }

        return true;
    }

    private async Task<bool> SendAllAsync(SocketAttack attack, int inputs)
    {
        for (var sent = 0; sent < inputs && !HasReported;)
        {
            var burst = Math.Min(inputs - sent, Random.Next(1, 13));
            for (var i = 0; i < burst; i++, sent++)
            {
                var packet = _packets.Next(_answers.ClientId);
                Count(packet);
                var opcode = Random.Next(300) == 0 ? RawWebSocket.Binary : RawWebSocket.Text;
                if (!await attack.SendAsync(opcode, packet))
                {
                    return false;
                }
            }

            // Before a namespace is connected the ping itself ends the session, which is an end like another.
            var name = $"43{++_lastFence}";
            if (!await FenceAsync(attack, name, $"42{_lastFence}[\"ping\"]"))
            {
                return false;
            }

            await PulseAsync();
        }

        return true;
    }

    private static Task<bool> FenceAsync(SocketAttack attack, string name, string packet) =>
        attack.FenceAsync(name, RawWebSocket.Text, Encoding.UTF8.GetBytes(packet));

    private async Task LeaveAsync(SocketAttack attack)
    {
        switch (Random.Next(4))
        {
            case 0:
                await attack.AbortAsync();
                break;
            case 1:
                await attack.SendAsync(RawWebSocket.Text, [(byte)'1']);
                await attack.EndedAsync();
                break;
            default:
                await attack.SendAsync(RawWebSocket.Text, "41"u8.ToArray());
                await attack.SendAsync(RawWebSocket.Close, []);
                await attack.EndedAsync();
                break;
        }
    }

    private async Task PollAsync(int inputs)
    {
        using var session = await PollingAttack.OpenAsync(Room, _answers, Report);
        if (session is null)
        {
            return;
        }

        session.Start();
        var isOpen = Random.Next(6) == 0
            || (await session.PostAsync("40"u8.ToArray())
                && await session.PostAsync(Encoding.UTF8.GetBytes(_packets.Connect(Room.Tokens[Random.Next(2)], "write"))));
        for (var sent = 0; isOpen && sent < inputs && !HasReported;)
        {
            var packets = Enumerable.Range(0, Math.Min(inputs - sent, Random.Next(1, 13))).Select(_ => _packets.Next(_answers.ClientId)).ToList();
            packets.ForEach(Count);
            sent += packets.Count;
            isOpen = await session.PostAsync(Join(packets), isBinary: Random.Next(40) == 0);
            isOpen = isOpen && (Random.Next(20) > 0 || await session.DisturbAsync(Random));
            await PulseAsync();
        }

        if (isOpen && Random.Next(2) == 0)
        {
            await UpgradeAsync(session);
        }

        await session.CloseAsync();
    }

    private async Task UpgradeAsync(PollingAttack session)
    {
        var (socket, refusal) = await RawWebSocket.OpenAsync(Room.Url, $"/socket.io/?EIO=4&transport=websocket&sid={session.Sid}");
        if (socket is null)
        {
            // The session has ended meanwhile.
            if (refusal!.Status != 400)
            {
                Report($"a probe was answered {refusal.Status}");
            }

            return;
        }

        using var attack = Attack(socket);
        var isOpen = Random.Next(5) == 0 || await FenceAsync(attack, SocketIoAnswers.Probe, "2probe");
        if (isOpen && Random.Next(5) == 0)
        {
            var packet = _packets.Next(_answers.ClientId);
            Count(packet);
            isOpen = await attack.SendAsync(RawWebSocket.Text, packet);
        }

        if (isOpen && await attack.SendAsync(RawWebSocket.Text, "5"u8.ToArray()))
        {
            await SendAllAsync(attack, Random.Next(10));
        }

        await attack.AbortAsync();
    }

    private byte[] Join(List<byte[]> packets)
    {
        var body = packets.SelectMany(packet => packet.Append((byte)0x1e)).ToArray();
        return Random.Next(20) == 0 ? body : body[..^1];
    }
}
