namespace Levee.Gateway.SocketIo.EngineIo;

/// <summary>Engine.IO 4: a packet is a text whose first character is its type.</summary>
internal static class EnginePackets
{
    internal const byte Open = (byte)'0';
    internal const byte Close = (byte)'1';
    internal const byte Ping = (byte)'2';
    internal const byte Pong = (byte)'3';
    internal const byte Message = (byte)'4';
    internal const byte Upgrade = (byte)'5';
    internal const byte Noop = (byte)'6';

    /// <summary>Between packets of one HTTP body.</summary>
    internal const byte Separator = 0x1E;

    internal static readonly ReadOnlyMemory<byte> ClosePacket = new[] { Close };

    internal static readonly ReadOnlyMemory<byte> PingPacket = new[] { Ping };

    internal static readonly ReadOnlyMemory<byte> NoopPacket = new[] { Noop };

    internal static readonly ReadOnlyMemory<byte> ProbeAnswer = "3probe"u8.ToArray();

    internal static ReadOnlySpan<byte> Probe => "2probe"u8;
}
