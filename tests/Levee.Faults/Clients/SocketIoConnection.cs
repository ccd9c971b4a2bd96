using System.Text.Json;
using Levee.Testing;

namespace Levee.Faults.Clients;

/// <summary>A connection by Socket.IO. What was missed is the client's to fetch from deltas.</summary>
internal sealed class SocketIoConnection : WireConnection
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(45);
    private static readonly string[] Versions = ["^0.4.0", "^0.3.0", "^0.2.0", "^0.1.0"];

    private readonly SocketIoClient _socket;

    private SocketIoConnection(SocketIoClient socket) => _socket = socket;

    public static async Task<WireConnection> ConnectAsync(
        Uri server, string documentId, ClientRole role, SocketIoTransport transport, CancellationToken cancellationToken)
    {
        var query = $"documentId={documentId}&tenantId={ServerApi.Tenant}";
        var socket = await SocketIoClient.ConnectAsync(server, transport, query, cancellationToken);
        try
        {
            await socket.EmitAsync("connect_document", ConnectMessage(documentId, role));
            var connected = await ReadAnswerAsync(socket).WaitAsync(Patience, cancellationToken);
            return new SocketIoConnection(socket)
            {
                ClientId = connected.GetProperty("clientId").GetString()!,
                Start = connected.GetProperty("checkpointSequenceNumber").GetInt64(),
            };
        }
        catch
        {
            await socket.DisposeAsync();
            throw;
        }
    }

    public override Task SubmitAsync(long name, IReadOnlyList<OutgoingOp> ops) =>
        _socket.EmitAsync("submitOp", ClientId, new[] { ops.Select(op => op.ToWire()) });

    public override Task SignalAsync(string text) => _socket.EmitAsync("submitSignal", ClientId, new[] { new { content = text } });

    public override async Task<WireEvent?> NextAsync()
    {
        while (await _socket.NextAsync() is { } packet)
        {
            if (!packet.StartsWith("42[", StringComparison.Ordinal))
            {
                if (packet == "41")
                {
                    return null;
                }

                continue;
            }

            var received = JsonSerializer.Deserialize<JsonElement>(packet.AsSpan(2));
            switch (received[0].GetString())
            {
                case "op":
                    return new WireEvent.Ops(received[2]);
                case "nack":
                    return new WireEvent.Refused(packet);
                case "signal" when received[1].GetProperty("clientId").ValueKind == JsonValueKind.String:
                    return new WireEvent.Signalled(received[1].GetProperty("content").GetRawText());
            }
        }

        return null;
    }

    public override Task LeaveAsync() => _socket.CloseAsync();

    public override void Abort() => _socket.Abort();

    public override ValueTask DisposeAsync() => _socket.DisposeAsync();

    /// <summary>Reads up to the answer. The join signals that come before it say nothing that the log does not say.</summary>
    private static async Task<JsonElement> ReadAnswerAsync(SocketIoClient socket)
    {
        while (await socket.NextAsync() is { } packet)
        {
            if (packet.StartsWith("42[\"connect_document_success\"", StringComparison.Ordinal))
            {
                return JsonSerializer.Deserialize<JsonElement>(packet.AsSpan(2))[1];
            }

            if (packet.StartsWith("42[\"connect_document_error\"", StringComparison.Ordinal) || packet.StartsWith("42[\"op\"", StringComparison.Ordinal))
            {
                throw new SocketIoExpectationException($"Expected connect_document_success, but it was {packet}");
            }
        }

        throw new SocketIoExpectationException("The session ended before connect_document was answered.");
    }

    private static object ConnectMessage(string documentId, ClientRole role)
    {
        var mode = role == ClientRole.Reader ? "read" : "write";
        var details = new Dictionary<string, object>
        {
            ["capabilities"] = new { interactive = role != ClientRole.Summarizer },
            ["environment"] = "; loaderVersion:2.111.0",
        };
        if (role == ClientRole.Summarizer)
        {
            details["type"] = "summarizer";
        }

        return new
        {
            client = new { details, permission = Array.Empty<string>(), scopes = Array.Empty<string>(), user = new { id = "" }, mode },
            id = documentId,
            mode,
            tenantId = ServerApi.Tenant,
            token = TestTokens.FullAccess(documentId),
            versions = Versions,
            relayUserAgent = "; loaderVersion:2.111.0; driverVersion:2.111.0",
            supportedFeatures = new { submit_signals_v2 = true },
        };
    }
}
