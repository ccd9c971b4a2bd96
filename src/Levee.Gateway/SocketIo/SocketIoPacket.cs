using System.Text.Json;
using Levee.Protocol;

namespace Levee.Gateway.SocketIo;

/// <summary>A packet of Socket.IO protocol 5 as a client sent it: type, namespace, acknowledgement id, JSON.</summary>
/// <param name="Type">The type's digit.</param>
/// <param name="Namespace">As sent, with its slash; empty for the default one.</param>
/// <param name="Id">The acknowledgement id; null if there is none.</param>
/// <param name="EventName">The event's name; empty for other types.</param>
/// <param name="Data">The JSON, valid and of the shape that the type asks for; empty if there is none.</param>
internal readonly record struct SocketIoPacket(
    byte Type, ReadOnlyMemory<byte> Namespace, long? Id, string EventName, ReadOnlyMemory<byte> Data)
{
    internal const byte Connect = (byte)'0';
    internal const byte Disconnect = (byte)'1';
    internal const byte Event = (byte)'2';
    internal const byte Acknowledgement = (byte)'3';
    internal const byte ConnectError = (byte)'4';

    private const int MaxNamespaceBytes = 256;

    // Clients count in numbers of JavaScript, which are exact up to here.
    private const long MaxId = (1L << 53) - 1;

    // Both sides use these for themselves; socket.io's own parser refuses them too.
    private static readonly string[] Reserved =
        ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"];

    internal bool IsDefaultNamespace => Namespace.Length <= 1;

    /// <summary>Reads a packet; false if it is none, or one with binary attachments.</summary>
    internal static bool TryRead(ReadOnlyMemory<byte> text, int maxDepth, out SocketIoPacket packet)
    {
        packet = default;
        if (text.IsEmpty || text.Span[0] is < Connect or > ConnectError)
        {
            return false;
        }

        var rest = text[1..];
        return TryReadNamespace(ref rest, out var name)
            && TryReadId(ref rest, out var id)
            && TryReadData(text.Span[0], rest, maxDepth, out var eventName)
            && Set(out packet, new SocketIoPacket(text.Span[0], name, id, eventName, rest));
    }

    private static bool Set(out SocketIoPacket packet, SocketIoPacket value)
    {
        packet = value;
        return true;
    }

    private static bool TryReadNamespace(ref ReadOnlyMemory<byte> rest, out ReadOnlyMemory<byte> name)
    {
        name = default;
        if (rest.IsEmpty || rest.Span[0] != (byte)'/')
        {
            return true;
        }

        var comma = rest.Span.IndexOf((byte)',');
        name = comma < 0 ? rest : rest[..comma];
        rest = comma < 0 ? default : rest[(comma + 1)..];
        return name.Length <= MaxNamespaceBytes;
    }

    private static bool TryReadId(ref ReadOnlyMemory<byte> rest, out long? id)
    {
        id = null;
        var digits = rest.Span.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        digits = digits < 0 ? rest.Length : digits;
        if (digits == 0)
        {
            return true;
        }

        if (!long.TryParse(rest.Span[..digits], out var number) || number > MaxId)
        {
            return false;
        }

        id = number;
        rest = rest[digits..];
        return true;
    }

    private static bool TryReadData(byte type, ReadOnlyMemory<byte> json, int maxDepth, out string eventName)
    {
        eventName = "";
        if (json.IsEmpty)
        {
            return type != Event;
        }

        var reader = new Utf8JsonReader(json.Span, new JsonReaderOptions { MaxDepth = maxDepth });
        try
        {
            return reader.Read() && HasShape(type, ref reader, ref eventName) && ReadToEnd(ref reader);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool HasShape(byte type, ref Utf8JsonReader reader, ref string eventName)
    {
        switch (type)
        {
            case Connect:
                return reader.TokenType == JsonTokenType.StartObject;
            case Acknowledgement:
                return reader.TokenType == JsonTokenType.StartArray;
            case Event when reader.TokenType == JsonTokenType.StartArray && reader.Read():
                eventName = reader.TokenType == JsonTokenType.String ? reader.TryGetText() ?? Reserved[0] : Reserved[0];
                return !Reserved.Contains(eventName);
            case ConnectError:
                return reader.TokenType is JsonTokenType.StartObject or JsonTokenType.String;
            default:
                return false;
        }
    }

    private static bool ReadToEnd(ref Utf8JsonReader reader)
    {
        while (reader.Read())
        {
        }

        return true;
    }
}
