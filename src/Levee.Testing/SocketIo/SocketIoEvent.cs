using System.Text.Json;

namespace Levee.Testing;

/// <summary>An event as received.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Arguments">What follows the name.</param>
/// <param name="Packet">The packet's text, such as <c>42["news",1]</c>.</param>
public sealed record SocketIoEvent(string Name, IReadOnlyList<JsonElement> Arguments, string Packet)
{
    /// <inheritdoc/>
    public override string ToString() => Packet;

    internal static SocketIoEvent? TryRead(string packet)
    {
        if (!packet.StartsWith("42[", StringComparison.Ordinal))
        {
            return null;
        }

        var elements = JsonSerializer.Deserialize<JsonElement[]>(packet[2..])!;
        return new SocketIoEvent(elements[0].GetString()!, elements[1..], packet);
    }
}
