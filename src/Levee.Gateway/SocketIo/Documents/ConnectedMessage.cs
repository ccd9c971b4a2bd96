using Levee.Identity;
using Levee.Protocol;
using Levee.Sessions;

namespace Levee.Gateway.SocketIo.Documents;

/// <summary>The payload of <c>connect_document_success</c>, with the numbers of the reference service, which clients know.</summary>
internal static class ConnectedMessage
{
    private const int BlockSize = 64436;

    // Nobody enforces it: runtimes send up to 700 kB a message.
    private const int MaxMessageSize = 16384;

    private const int ReaderMaxMessageSize = 1024;

    /// <summary>Writes the payload.</summary>
    /// <param name="document">What the session says.</param>
    /// <param name="request">What the client asked for.</param>
    /// <param name="detail">The client's record, with the mode that was granted.</param>
    /// <param name="claims">The verified token.</param>
    /// <param name="now">Milliseconds since the Unix epoch.</param>
    public static byte[] Write(
        ConnectedDocument document, ConnectMessage request, ClientDetail detail, TokenClaims claims, long now) => JsonWriting.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteRaw("claims", claims.Json);
        writer.WriteString("clientId", document.ClientId);
        writer.WriteBoolean("existing", true);
        writer.WriteNumber("maxMessageSize", detail.Mode == ConnectionMode.Write ? MaxMessageSize : ReaderMaxMessageSize);
        writer.WriteString("mode", ClientDetail.NameOf(detail.Mode));
        writer.WriteStartObject("serviceConfiguration");
        writer.WriteNumber("blockSize", BlockSize);
        writer.WriteNumber("maxMessageSize", MaxMessageSize);
        writer.WriteEndObject();
        writer.WriteStartArray("initialClients");
        // Its own join comes first, as a signal and, of a writer, as an op.
        foreach (var member in document.Clients.Where(member => member.ClientId != document.ClientId))
        {
            writer.WriteStartObject();
            writer.WriteString("clientId", member.ClientId);
            writer.WriteRaw("client", member.Detail.Json);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        // Messages and signals come as events, in streams that have no hole.
        writer.WriteStartArray("initialMessages");
        writer.WriteEndArray();
        writer.WriteStartArray("initialSignals");
        writer.WriteEndArray();
        writer.WriteStartArray("supportedVersions");
        foreach (var version in ProtocolVersions.Supported)
        {
            writer.WriteStringValue(version);
        }

        writer.WriteEndArray();
        writer.WriteStartObject("supportedFeatures");
        writer.WriteBoolean("submit_signals_v2", true);
        writer.WriteEndObject();
        writer.WriteString("version", ProtocolVersions.Select(request.Versions));
        writer.WriteNumber("timestamp", now);
        writer.WriteNumber("checkpointSequenceNumber", document.CheckpointSequenceNumber);
        if (!request.Nonce.IsEmpty)
        {
            writer.WriteRaw("nonce", request.Nonce);
        }

        writer.WriteEndObject();
    });
}
