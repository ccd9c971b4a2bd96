using Levee.Protocol;
using Levee.Sessions;

namespace Levee.Gateway.SocketIo.Documents;

/// <summary>What clients of a document are sent. The packets of broadcasts are the same for all, and made once.</summary>
internal sealed class DocumentPackets
{
    private static readonly ReadOnlyMemory<byte> NoDocument = "\"\""u8.ToArray();

    /// <summary>The key under which broadcasts keep their packets.</summary>
    private static readonly DocumentPackets Shared = new();

    private DocumentPackets()
    {
    }

    /// <summary><c>["op", documentId, [message, ...]]</c>: the stored bytes, not looked into.</summary>
    public static ReadOnlyMemory<byte> Ops(OpsBroadcast ops) => ops.FramesFor(Shared, (broadcast, _) => new Packet(SocketIoPackets.Event(
        "op", Text(broadcast.Document.DocumentId), (byte[])[(byte)'[', .. broadcast.Deltas.Json.Span, (byte)']']))).Bytes;

    /// <summary><c>["signal", {clientId, content, ...}]</c>.</summary>
    public static ReadOnlyMemory<byte> Signal(SignalBroadcast signal) => signal.FramesFor(Shared, (broadcast, _) => new Packet(
        SocketIoPackets.Event("signal", SignalArgument(broadcast)))).Bytes;

    /// <summary><c>["nack", "", [nack]]</c>: the refusal of a push that never reached the sequencer.</summary>
    public static ReadOnlyMemory<byte> Nack(NackContent content) =>
        SocketIoPackets.Event("nack", NoDocument, Nacks([Protocol.Nack.BeforeSequencing(content)]));

    /// <summary><c>["nack", documentId, [nack, ...]]</c>: what the sequencer refused.</summary>
    public static ReadOnlyMemory<byte> Nack(string documentId, IReadOnlyList<Nack> nacks) =>
        SocketIoPackets.Event("nack", Text(documentId), Nacks(nacks));

    /// <summary><c>["connect_document_error", error]</c>.</summary>
    public static ReadOnlyMemory<byte> Error(ConnectError error, ReadOnlyMemory<byte> nonce) =>
        SocketIoPackets.Event("connect_document_error", error.Write(nonce));

    private static byte[] SignalArgument(SignalBroadcast signal)
    {
        // The client's members come first: of two of the same name the last one counts.
        var clientId = JsonWriting.Members(writer => writer.WriteString("clientId", signal.ClientId));
        return [(byte)'{', .. signal.FluidMembers.Span, (byte)',', .. clientId.Span, (byte)'}'];
    }

    private static byte[] Nacks(IReadOnlyList<Nack> nacks) => JsonWriting.Write(writer =>
    {
        writer.WriteStartArray();
        foreach (var nack in nacks)
        {
            nack.Write(writer, nullOperation: false);
        }

        writer.WriteEndArray();
    });

    private static ReadOnlyMemory<byte> Text(string value) =>
        JsonWriting.Write(writer => writer.WriteStringValue(value));

    private sealed record Packet(ReadOnlyMemory<byte> Bytes);
}
