using System.Collections.Concurrent;
using System.Text.Json;
using Levee.Testing;

namespace Levee.Faults.Clients;

/// <summary>A connection by Phoenix channels. The server sends what was missed by itself.</summary>
internal sealed class PhoenixConnection : WireConnection
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(45);

    private readonly ChannelClient _channel;
    private readonly string _topic;

    // Where a push and its reply meet; either may come first.
    private readonly ConcurrentDictionary<string, TaskCompletionSource<long>> _pushed = new();

    private PhoenixConnection(ChannelClient channel, string topic) => (_channel, _topic) = (channel, topic);

    public static async Task<WireConnection> ConnectAsync(
        Uri server, string documentId, ClientRole role, long lastSeen, CancellationToken cancellationToken)
    {
        var channel = await ChannelClient.ConnectAsync(server, cancellationToken: cancellationToken);
        try
        {
            channel.Timeout = Patience;
            var mode = role == ClientRole.Reader ? "read" : "write";
            var connected = await channel.ConnectDocumentAsync(
                ServerApi.Tenant, documentId, TestTokens.FullAccess(documentId), mode, lastSeen, cancellationToken);
            return new PhoenixConnection(channel, $"document:{ServerApi.Tenant}:{documentId}")
            {
                ClientId = connected.GetProperty("clientId").GetString()!,
                Start = connected.GetProperty("checkpointSequenceNumber").GetInt64(),
            };
        }
        catch
        {
            await channel.DisposeAsync();
            throw;
        }
    }

    public override async Task SubmitAsync(long name, IReadOnlyList<OutgoingOp> ops)
    {
        var batch = new { clientId = ClientId, messageBatches = new[] { ops.Select(op => op.ToWire()) } };
        var reference = await _channel.PushAsync(_topic, "submitOp", batch);
        Pushed(reference).SetResult(name);
    }

    public override async Task SignalAsync(string text)
    {
        var signal = new { address = "A", contents = new { type = "note", content = text }, clientBroadcastSignalSequenceNumber = 1 };
        var reference = await _channel.PushAsync(_topic, "submitSignal", new { clientId = ClientId, contentBatches = new[] { signal } });
        Pushed(reference).SetResult(0);
    }

    public override async Task<WireEvent?> NextAsync()
    {
        while (await _channel.NextAsync() is { } frame)
        {
            switch (frame.Event)
            {
                case "op":
                    return new WireEvent.Ops(frame.Payload.GetProperty("op"));
                case "phx_reply" when frame.Status == "ok":
                    var name = await Pushed(frame.Ref!).Task;
                    _pushed.TryRemove(frame.Ref!, out _);
                    return new WireEvent.Answered(name);
                case "phx_reply" when frame.Response.TryGetProperty("reason", out var reason) && reason.GetString() == "session_ended":
                    // The server is stopping: what it answers so was perhaps sequenced, and perhaps not.
                    return null;
                case "phx_reply" or "nack":
                    return new WireEvent.Refused(frame.ToString());
                case "signal" when frame.Payload.GetProperty("clientId").ValueKind == JsonValueKind.String:
                    return new WireEvent.Signalled(frame.Payload.GetProperty("content").GetRawText());
                case "phx_error" or "phx_close":
                    // The session has ended: a client rejoins, and ours does so by a new connection.
                    return null;
            }
        }

        return null;
    }

    public override Task LeaveAsync() => _channel.CloseAsync();

    public override void Abort() => _channel.Abort();

    public override ValueTask DisposeAsync() => _channel.DisposeAsync();

    private TaskCompletionSource<long> Pushed(string reference) =>
        _pushed.GetOrAdd(reference, _ => new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously));
}
