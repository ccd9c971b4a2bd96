using System.Text;
using System.Text.Json;
using Levee.Fuzz.Wire;
using Levee.Testing;

namespace Levee.Fuzz.Oracle;

/// <summary>A witness that speaks Socket.IO, as Microsoft's clients do.</summary>
internal sealed class SocketIoWitness : Witness
{
    private SocketIoWitness(RawWebSocket socket, string document)
        : base(socket, document)
    {
    }

    internal static async Task<SocketIoWitness> ConnectAsync(Uri server, string document)
    {
        var (socket, _) = await RawWebSocket.OpenAsync(server, "/socket.io/?EIO=4&transport=websocket");
        var witness = new SocketIoWitness(socket!, document);
        witness.Start();
        await witness.SendAsync("40");
        await witness.UntilConnectedAsync();
        return witness;
    }

    private protected override Task SubmitAsync(string op) => SendAsync($"""42["submitOp","{ClientId}",[[{op}]]]""");

    private protected override Task HandleAsync(byte[] message)
    {
        var packet = Encoding.UTF8.GetString(message);
        if (packet == "2")
        {
            return SendAsync("3");
        }

        if (packet.StartsWith("40", StringComparison.Ordinal))
        {
            return SendAsync(Connect());
        }

        if (!packet.StartsWith("42", StringComparison.Ordinal))
        {
            if (packet[0] != '0')
            {
                Fail($"it was sent {packet}");
            }

            return Task.CompletedTask;
        }

        var arguments = JsonSerializer.Deserialize<JsonElement[]>(packet.AsSpan(2))!;
        switch (arguments[0].GetString())
        {
            case "connect_document_success": Connected(arguments[1].GetProperty("clientId").GetString()!); break;
            case "op": Keep(arguments[2]); break;
            case "nack" or "connect_document_error": Fail($"it was told {packet}"); break;
            default: break;
        }

        return Task.CompletedTask;
    }

    private string Connect() => $"42{JsonSerializer.Serialize(new object[]
    {
        "connect_document",
        new
        {
            tenantId = TestTenants.Default.Id,
            id = Document,
            token = TestTokens.ReadWrite(Document),
            client = new { details = new { capabilities = new { interactive = true } }, permission = Array.Empty<string>(), scopes = Array.Empty<string>(), user = new { id = "" }, mode = "write" },
            mode = "write",
            versions = new[] { "^0.4.0" },
        },
    })}";
}
