using Levee.Fuzz.Generation;
using Levee.Fuzz.Oracle;
using Levee.Fuzz.Wire;

namespace Levee.Fuzz.Dialects;

/// <summary>An attacker that speaks Phoenix channels, in one of its three serializations.</summary>
internal sealed class PhoenixConversation(Room room, Findings findings, long number, Random random)
    : Conversation(room, findings, Name, number, random)
{
    internal const string Name = "phoenix";

    private static readonly string[] OddVersions = ["9.0.0", "", "2.0.0%00", "1.0.0", "%ff", "2.0.0&vsn=3.0.0"];
    private static readonly string[] OddTopics = ["phoenix", "document", "document:", "document::", "document:a", "document:a:b:c", "room:1", "", "document:dev-tenant:nobody"];
    private static readonly string[] OddEvents = ["phx_close", "phx_error", "phx_reply", "op", "signal", "heartbeat", "nack", "", "connect_document_success", "\\u0000"];

    private PhoenixForm _form;
    private PhoenixAnswers _answers = new();
    private SocketAttack _socket = null!;
    private long _lastClientSequenceNumber;
    private int _lastFence;
    private int _lastJoin;

    private string Topic => $"document:{Room.Tenant}:{Room.Document}";

    /// <inheritdoc/>
    private protected override async Task ConnectAndSendAsync(int inputs)
    {
        _form = (PhoenixForm)Random.Next(3);
        var version = Random.Next(60) == 0 ? OddVersions[Random.Next(OddVersions.Length)] : PhoenixWire.Version(_form);
        var (socket, refusal) = await RawWebSocket.OpenAsync(Room.Url, $"/socket/websocket{(version is null ? "" : $"?vsn={version}")}");
        if (socket is null)
        {
            if (refusal!.Status is not (403 or 400))
            {
                Report($"an upgrade with vsn {version} was answered {refusal.Status}");
            }

            return;
        }

        if (version != PhoenixWire.Version(_form))
        {
            socket.Dispose();
            return;
        }

        _answers = new PhoenixAnswers();
        using var attack = new SocketAttack(socket, Read, Report);
        _socket = attack;
        attack.Start();
        if (await OpenAsync() && await SendAllAsync(Random.Next(1, inputs + 1)))
        {
            await LeaveAsync();
        }
        else
        {
            await attack.EndedAsync();
        }
    }

    private string? Read(byte opcode, byte[] message)
    {
        var wrong = _answers.Read(_form, opcode, message, out var reference);
        if (reference is not null)
        {
            _socket.Passed(reference);
        }

        return wrong;
    }

    /// <summary>Mostly as a good client begins; that this works is required.</summary>
    private async Task<bool> OpenAsync()
    {
        _lastClientSequenceNumber = 0;
        if (Random.Next(5) == 0)
        {
            return true;
        }

        if (!await SendAsync(Frame("phx_join", "{}"), isOdd: false) || Random.Next(10) == 0)
        {
            return !_socket.HasEnded;
        }

        var answered = _socket.Expect(PhoenixAnswers.Connected);
        var mode = Random.Next(6) == 0 ? "read" : "write";
        if (!await SendAsync(Frame("connect_document", Inputs.Connect(Room, Room.Tokens[Random.Next(2)], mode, Random)), isOdd: false)
            || !await _socket.PassAsync(answered))
        {
            return false;
        }

        if (_answers.ClientId is null)
        {
            Report("a good connect_document was refused");
        }

        return true;
    }

    private async Task<bool> SendAllAsync(int inputs)
    {
        for (var sent = 0; sent < inputs && !HasReported;)
        {
            var burst = Math.Min(inputs - sent, Random.Next(1, 13));
            for (var i = 0; i < burst; i++, sent++)
            {
                if (!await SendNextAsync())
                {
                    return false;
                }
            }

            if (!await FenceAsync())
            {
                return false;
            }

            await PulseAsync();
        }

        return true;
    }

    private Task<bool> SendNextAsync() => Random.Next(400) switch
    {
        0 => StormAsync(),
        < 4 => SendWholeAsync(RawWebSocket.Text, [.. Enumerable.Range(0, Random.Next(40)).Select(_ => (byte)Random.Next(256))]),
        < 6 => SendWholeAsync((byte)Random.Next(1, 3), PhoenixWire.Encode(_form, Next(), null)),
        < 9 => SendPiecesAsync(),
        _ => SendAsync(Next(), isOdd: Random.Next(4) > 0),
    };

    /// <summary>Joins and leaves, over and over, or more topics than a socket may have.</summary>
    private async Task<bool> StormAsync()
    {
        var sameTopic = Random.Next(2) == 0;
        for (var i = 0; i < 300; i++)
        {
            var topic = sameTopic ? Topic : $"document:{Room.Tenant}:storm-{i}";
            if (!await SendAsync(Frame(sameTopic && i % 3 == 2 ? "phx_leave" : "phx_join", "{}", topic), isOdd: false))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A message in several frames, with a ping between them.</summary>
    private async Task<bool> SendPiecesAsync()
    {
        var bytes = PhoenixWire.Encode(_form, Next(), null);
        var at = Random.Next(bytes.Length);
        Count(bytes);
        return await _socket.BreakAsync(RawWebSocket.Frame(PhoenixWire.Opcode(_form), bytes.AsSpan(0, at), isFinal: false))
            && await _socket.BreakAsync(RawWebSocket.Frame(RawWebSocket.Ping, "p"u8))
            && await _socket.BreakAsync(RawWebSocket.Frame(0, bytes.AsSpan(at)));
    }

    private Task<bool> SendAsync(Tree frame, bool isOdd)
    {
        if (!isOdd)
        {
            return SendWholeAsync(PhoenixWire.Opcode(_form), PhoenixWire.Encode(_form, frame, null));
        }

        if (Random.Next(4) > 0)
        {
            TreeMutation.Apply(frame, Random);
        }

        var bytes = PhoenixWire.Encode(_form, frame, Random.Next(8) == 0 ? Random : null);
        return SendWholeAsync(PhoenixWire.Opcode(_form), Random.Next(12) == 0 ? ByteMutation.Apply(bytes, Random) : bytes);
    }

    private Task<bool> SendWholeAsync(byte opcode, byte[] bytes)
    {
        Count(bytes);
        return _socket.SendAsync(opcode, bytes);
    }

    private Task<bool> FenceAsync()
    {
        var name = $"fence-{++_lastFence}";
        var frame = PhoenixWire.Frame(_form, null, name, "phoenix", "heartbeat", "{}");
        return _socket.FenceAsync(name, PhoenixWire.Opcode(_form), PhoenixWire.Encode(_form, frame, null));
    }

    private async Task LeaveAsync()
    {
        switch (Random.Next(4))
        {
            case 0:
                await _socket.AbortAsync();
                break;
            case 1:
                // Bytes that are no frame: reserved bits and opcodes, control frames that are too long, no mask, lengths that lie.
                await _socket.BreakAsync(ByteMutation.Apply(RawWebSocket.Frame((byte)Random.Next(16), new byte[Random.Next(200)]), Random));
                await _socket.AbortAsync();
                break;
            default:
                await _socket.SendAsync(RawWebSocket.Close, [3, 232]);
                await _socket.EndedAsync();
                break;
        }
    }

    private Tree Next()
    {
        var clientId = Random.Next(12) == 0 ? Room.OtherClientId : _answers.ClientId ?? "nobody";
        return Random.Next(24) switch
        {
            < 9 => Frame("submitOp", SubmitOp(clientId)),
            < 12 => Frame("submitSignal", $$"""{"clientId":"{{clientId}}","contentBatches":[{{Inputs.Signal(clientId, Random)}}]}"""),
            12 => Frame("noop", $$"""{"clientId":"{{clientId}}","referenceSequenceNumber":{{Random.Next(5)}}}"""),
            13 => Frame("requestOps", $$"""{"from":{{Random.Next(1000)}}}"""),
            < 17 => Frame("connect_document", Inputs.Connect(Room, Room.Token(Random), Random.Next(2) == 0 ? "write" : "read", Random)),
            < 19 => Frame("phx_join", "{}", Random.Next(3) > 0 ? Topic : OddTopics[Random.Next(OddTopics.Length)]),
            19 => Frame("phx_leave", "{}"),
            20 => Frame("submitOp", SubmitOp(clientId), OddTopics[Random.Next(OddTopics.Length)]),
            21 => Frame(OddEvents[Random.Next(OddEvents.Length)], "{}"),
            22 => PhoenixWire.Frame(_form, "no-such-join", "1", Topic, "submitOp", SubmitOp(clientId)),
            _ => PhoenixWire.Frame(_form, null, null, "phoenix", "heartbeat", "{}"),
        };
    }

    private string SubmitOp(string clientId)
    {
        var count = Random.Next(1, 4);
        var first = _lastClientSequenceNumber + 1;
        _lastClientSequenceNumber += count;
        var batch = Inputs.Batch(first, count, Random);
        return Random.Next(3) switch
        {
            0 => $$"""{"clientId":"{{clientId}}","messages":{{batch}}}""",
            1 => $$"""{"clientId":"{{clientId}}","messageBatches":{{batch}}}""",
            _ => $$"""{"messageBatches":[{{batch}}],"clientId":"{{clientId}}"}""",
        };
    }

    private Tree Frame(string eventName, string payload, string? topic = null)
    {
        // A connection of its own counts its ops from one.
        if (eventName is "connect_document" or "phx_join")
        {
            _lastClientSequenceNumber = 0;
        }

        _lastJoin += eventName == "phx_join" ? 1 : 0;
        return PhoenixWire.Frame(_form, $"j{_lastJoin}", $"r{Sent}", topic ?? Topic, eventName, payload);
    }
}
