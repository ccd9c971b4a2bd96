using System.Text.Json;
using Levee.Gateway.Documents;
using Levee.Protocol;

namespace Levee.Gateway.SocketIo.Documents;

/// <summary>The packet <c>["submitOp", clientId, [[op, ...], ...]]</c>.</summary>
/// <param name="ClientId">The client that submits.</param>
/// <param name="Batches">The ops.</param>
internal sealed record SubmitOpMessage(string ClientId, OpBatches Batches)
{
    /// <summary>Reads the packet in one pass; ops' contents stay bytes.</summary>
    /// <exception cref="MalformedMessageException">The packet has another shape; nothing of it was taken.</exception>
    /// <exception cref="JsonException">It is nested too deep.</exception>
    public static SubmitOpMessage Read(ReadOnlyMemory<byte> packet, int maxOps)
    {
        var reader = new Utf8JsonReader(packet.Span);
        // The list, the event's name, the first argument.
        reader.Read();
        reader.Read();
        reader.Read();
        var clientId = reader.TryGetText() ?? throw new MalformedMessageException("clientId must be a string");
        reader.Read();
        var batches = new OpBatches(packet, maxOps, OpMembers.Fluid);
        batches.Read(ref reader);
        return new SubmitOpMessage(clientId, batches);
    }
}
