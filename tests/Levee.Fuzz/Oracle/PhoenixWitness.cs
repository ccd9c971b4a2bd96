using System.Text.Json;
using Levee.Fuzz.Wire;
using Levee.Testing;

namespace Levee.Fuzz.Oracle;

/// <summary>A witness that speaks Phoenix channels.</summary>
internal sealed class PhoenixWitness : Witness
{
    private readonly string _topic;

    private PhoenixWitness(RawWebSocket socket, string document)
        : base(socket, document) => _topic = $"document:{TestTenants.Default.Id}:{document}";

    internal static async Task<PhoenixWitness> ConnectAsync(Uri server, string document)
    {
        var (socket, _) = await RawWebSocket.OpenAsync(server, "/socket/websocket?vsn=2.0.0");
        var witness = new PhoenixWitness(socket!, document);
        witness.Start();
        await witness.PushAsync("phx_join", "{}");
        await witness.PushAsync("connect_document", JsonSerializer.Serialize(new
        {
            tenantId = TestTenants.Default.Id,
            id = document,
            token = TestTokens.ReadWrite(document),
            client = new { },
            mode = "write",
            versions = new[] { "^0.1.0" },
        }));
        await witness.UntilConnectedAsync();
        return witness;
    }

    private protected override Task SubmitAsync(string op) =>
        PushAsync("submitOp", $$"""{"clientId":"{{ClientId}}","messageBatches":[[{{op}}]]}""");

    private protected override Task HandleAsync(byte[] message)
    {
        var frame = JsonSerializer.Deserialize<JsonElement[]>(message)!;
        switch (frame[3].GetString())
        {
            case "connect_document_success": Connected(frame[4].GetProperty("clientId").GetString()!); break;
            case "op": Keep(frame[4].GetProperty("op")); break;
            case "nack" or "connect_document_error" or "phx_error" or "phx_close": Fail($"it was told {frame[3]} {frame[4]}"); break;
            default: break;
        }

        return Task.CompletedTask;
    }

    private Task PushAsync(string eventName, string payload) =>
        SendAsync($$"""["1","1","{{_topic}}","{{eventName}}",{{payload}}]""");
}
