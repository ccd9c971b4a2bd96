using System.Buffers.Binary;
using System.Text;

namespace Levee.Fuzz.Wire;

/// <summary>A WebSocket that sends whatever frames it is told to, also those that no client may send. One reader, one writer.</summary>
internal sealed class RawWebSocket : IDisposable
{
    internal const byte Text = 1;
    internal const byte Binary = 2;
    internal const byte Close = 8;
    internal const byte Ping = 9;
    internal const byte Pong = 10;
    private const byte Final = 0x80;

    private readonly RawConnection _connection;

    private RawWebSocket(RawConnection connection) => _connection = connection;

    /// <summary>Opens one; the answer is there when it was refused.</summary>
    internal static async Task<(RawWebSocket? Socket, HttpAnswer? Refusal)> OpenAsync(Uri server, string pathAndQuery)
    {
        var connection = await RawConnection.OpenAsync(server);
        await connection.SendAsync(Encoding.Latin1.GetBytes(
            $"GET {pathAndQuery} HTTP/1.1\r\nHost: {server.Authority}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"));
        var answer = await HttpAnswer.ReadAsync(connection) ?? throw new InvalidDataException("no answer to an upgrade");
        if (answer.Status == 101)
        {
            return (new RawWebSocket(connection), null);
        }

        connection.Dispose();
        return (null, answer);
    }

    /// <summary>A frame as a client sends it: masked, with its length.</summary>
    internal static byte[] Frame(byte opcode, ReadOnlySpan<byte> payload, bool isFinal = true)
    {
        var head = payload.Length < 126 ? 2 : payload.Length < 65536 ? 4 : 10;
        var frame = new byte[head + 4 + payload.Length];
        frame[0] = (byte)(opcode | (isFinal ? Final : 0));
        switch (head)
        {
            case 2: frame[1] = (byte)(0x80 | payload.Length); break;
            case 4:
                frame[1] = 0x80 | 126;
                BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)payload.Length);
                break;
            default:
                frame[1] = 0x80 | 127;
                BinaryPrimitives.WriteInt64BigEndian(frame.AsSpan(2), payload.Length);
                break;
        }

        // The mask is zero, which is a mask like any other: the payload stands as it is.
        payload.CopyTo(frame.AsSpan(head + 4));
        return frame;
    }

    /// <summary>Sends bytes as they are: frames, or what is none.</summary>
    internal Task SendRawAsync(ReadOnlyMemory<byte> bytes) => _connection.SendAsync(bytes);

    /// <summary>The next message, or the close frame; null when the connection ends without.</summary>
    /// <exception cref="InvalidDataException">The server sent what is no frame, or a frame that it must not send.</exception>
    internal async ValueTask<(byte Opcode, byte[] Payload)?> ReceiveAsync()
    {
        byte opcode = 0;
        byte[] message = [];
        while (await _connection.ReadAsync(2) is { } head)
        {
            var length = await ReadLengthAsync(head[1]);
            if ((head[0] & 0x70) != 0 || (head[1] & 0x80) != 0 || length is null || await _connection.ReadAsync((int)length) is not { } payload)
            {
                throw new InvalidDataException("the server sent a broken frame");
            }

            var kind = (byte)(head[0] & 0x0f);
            if (kind is Ping or Pong)
            {
                continue;
            }

            opcode = kind == 0 ? opcode : kind;
            message = message.Length == 0 ? payload : [.. message, .. payload];
            if ((head[0] & Final) != 0)
            {
                return (opcode, message);
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public void Dispose() => _connection.Dispose();

    private async ValueTask<long?> ReadLengthAsync(byte second) => (second & 0x7f) switch
    {
        126 => await _connection.ReadAsync(2) is { } two ? BinaryPrimitives.ReadUInt16BigEndian(two) : null,
        127 => await _connection.ReadAsync(8) is { } eight ? BinaryPrimitives.ReadInt64BigEndian(eight) : null,
        var length => length,
    };
}
