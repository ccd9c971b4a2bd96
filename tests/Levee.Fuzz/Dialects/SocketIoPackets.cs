using System.Text;
using Levee.Fuzz.Generation;
using Levee.Fuzz.Oracle;

namespace Levee.Fuzz.Dialects;

/// <summary>Makes the packets of one Socket.IO client: mostly those of a good one, spoilt or not.</summary>
internal sealed class SocketIoPackets(Room room, Random random)
{
    private static readonly string[] OddPackets =
    [
        "", "0", "1", "2", "2probe", "3", "3probe", "5", "6", "7", "4", "40", "40/other,", "40/other,{\"a\":1}", "40{}", "40[]", "40{\"token\":\"x\"}",
        "41", "41/other,", "41,", "42", "42[]", "42[\"\"]", "42[1]", "42[null]", "42{}", "42/other,[\"submitOp\"]", "42/,[\"ping\"]", "42[\"connect\"]",
        "42[\"disconnect\"]", "42[\"newListener\"]", "42[\"ping\"]", "420[\"ping\"]", "429007199254740991[\"ping\"]", "429007199254740992[\"ping\"]",
        "4299999999999999999999[\"ping\"]", "42-1[\"ping\"]", "43", "430[]", "43[]", "430[1,2]", "437", "44", "44{\"message\":\"x\"}", "44\"x\"",
        "45", "451-[\"x\",{\"_placeholder\":true,\"num\":0}]", "4599-[\"x\"]", "45-[\"x\"]", "461-0[]", "46", "47", "4\u0000", "bAAAA", "b", "\u001e", "\ufeff40",
        "42[\"connect_document\"]", "42[\"submitOp\"]", "42[\"submitSignal\"]", "42[\"submitOp\",null,null]", "42[\"client_disconnect\",\"a\",\"b\",\"c\"]",
        "42[\"unknown\",{}]", "42[\"submitOp\",\"x\",[]]extra", "42[\"submitOp\",\"x\",[[[[]]]]]", "42[\"\\ud800\"]", "42[\"submit\\u004fp\",1,2]",
    ];

    private long _lastClientSequenceNumber;

    /// <summary>A good connect message.</summary>
    internal string Connect(string token, string mode)
    {
        _lastClientSequenceNumber = 0;
        return Event("connect_document", Inputs.Connect(room, token, mode, random)).Write(random, isOdd: false);
    }

    /// <summary>Any packet.</summary>
    internal byte[] Next(string? knownClientId)
    {
        if (random.Next(12) == 0)
        {
            return Encoding.UTF8.GetBytes(OddPackets[random.Next(OddPackets.Length)]);
        }

        var clientId = random.Next(12) == 0 ? room.OtherClientId : knownClientId ?? "nobody";
        var packet = random.Next(20) switch
        {
            < 10 => SubmitOp(clientId),
            < 14 => SubmitSignal(clientId),
            14 => Event("ping"),
            15 => Event("client_disconnect", $"\"{clientId}\"", "\"d\"", "\"m\""),
            16 => Event("unknown", "{}"),
            _ => Event("connect_document", Inputs.Connect(room, room.Token(random), random.Next(2) == 0 ? "write" : "read", random)),
        };
        var bytes = Encoding.UTF8.GetBytes(packet.Write(random, isOdd: random.Next(4) > 0));
        return random.Next(12) == 0 ? ByteMutation.Apply(bytes, random) : bytes;
    }

    private static SocketIoEvent Event(string name, params string[] arguments) => new(Tree.Parse($"[{string.Join(',', arguments.Prepend($"\"{name}\""))}]"));

    private SocketIoEvent SubmitOp(string clientId)
    {
        var count = random.Next(1, 4);
        var batch = Inputs.Batch(_lastClientSequenceNumber + 1, count, random);
        _lastClientSequenceNumber += count;
        return Event("submitOp", $"\"{clientId}\"", random.Next(3) == 0 ? batch : $"[{batch}]");
    }

    private SocketIoEvent SubmitSignal(string clientId) => Event(
        "submitSignal", $"\"{clientId}\"", random.Next(2) == 0 ? $"[{Inputs.Signal(clientId, random)}]" : $"[[\"{Planted.Content}\"],[\"b\",\"c\"]]");

    private sealed record SocketIoEvent(Tree Arguments)
    {
        internal string Write(Random random, bool isOdd)
        {
            if (isOdd && random.Next(5) > 0)
            {
                TreeMutation.Apply(Arguments, random);
            }

            var prefix = isOdd && random.Next(25) == 0 ? OddPackets[random.Next(OddPackets.Length)] : "42";
            return prefix + (random.Next(12) == 0 ? "7" : "") + Arguments.Write();
        }
    }
}
