using Levee.Gateway.Documents;
using Levee.Protocol;

namespace Levee.Gateway.SocketIo.Documents;

/// <summary>The argument of <c>connect_document</c>, as far as the service reads it.</summary>
/// <param name="TenantId">The tenant.</param>
/// <param name="DocumentId">The document.</param>
/// <param name="Token">The token; null when there is none.</param>
/// <param name="Client">The client's record, a JSON object of the right shape.</param>
/// <param name="Mode">The mode that is asked for.</param>
/// <param name="Versions">The version ranges, best first.</param>
/// <param name="SignalsV2">Whether it sends signals in the second form.</param>
/// <param name="Nonce">What the answer must repeat, as JSON; empty when there is none.</param>
internal sealed record ConnectMessage(
    string TenantId,
    string DocumentId,
    string? Token,
    ReadOnlyMemory<byte> Client,
    ConnectionMode Mode,
    IReadOnlyList<string> Versions,
    bool SignalsV2,
    ReadOnlyMemory<byte> Nonce)
{
    /// <summary>Reads the argument; null when it has another shape, as the reference service checks it.</summary>
    public static ConnectMessage? Read(ReadOnlyMemory<byte> json)
    {
        var message = new JsonShape(json);
        var token = message["token"];
        var features = message["supportedFeatures"];
        var isValid = message.IsObject
            && message["tenantId"].IsText
            && message["id"].IsText
            && token.IsTextIfPresent(orNull: true)
            && IsClient(message["client"])
            && IsMode(message["mode"])
            && message["versions"].IsListOfTexts
            && (features.IsAbsent || features.IsObject || features.IsNull)
            && message["nonce"].IsTextIfPresent()
            && message["epoch"].IsTextIfPresent()
            && message["driverVersion"].IsTextIfPresent()
            && message["relayUserAgent"].IsTextIfPresent();
        return !isValid ? null : new ConnectMessage(
            message["tenantId"].Text!,
            message["id"].Text!,
            token.Text,
            message["client"].Json,
            message["mode"].Text == "write" ? ConnectionMode.Write : ConnectionMode.Read,
            message["versions"].Texts,
            features["submit_signals_v2"].IsTrue,
            message["nonce"].Json);
    }

    private static bool IsClient(JsonShape client) =>
        client.IsObject
        && IsMode(client["mode"])
        && IsDetails(client["details"])
        && client["permission"].IsListOfTexts
        && client["scopes"].IsListOfTexts
        && client["user"]["id"].IsText
        && (client["timestamp"].IsAbsent || client["timestamp"].IsNumber);

    private static bool IsDetails(JsonShape details) =>
        details["capabilities"]["interactive"].IsBoolean
        && details["type"].IsTextIfPresent()
        && details["environment"].IsTextIfPresent()
        && details["device"].IsTextIfPresent();

    private static bool IsMode(JsonShape mode) => mode.Text is "read" or "write";
}
