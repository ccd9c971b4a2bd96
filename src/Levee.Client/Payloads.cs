using System.Text.Json;
using Levee.Protocol;

namespace Levee.Client;

/// <summary>One refused op.</summary>
/// <param name="ClientSequenceNumber">Its number; null when a whole push was refused.</param>
/// <param name="Content">Why.</param>
internal sealed record RefusedOp(long? ClientSequenceNumber, NackContent Content);

/// <summary>The payloads of a document channel's events.</summary>
internal static class Payloads
{
    private static readonly string[] Versions = ["^0.1.0", "^1.0.0"];

    public static byte[] Connect(LeveeClientOptions options, string documentId, string token, ConnectionMode mode, long? lastSeen) =>
        Object(writer =>
        {
            writer.WriteString("tenantId", options.TenantId);
            writer.WriteString("id", documentId);
            writer.WriteString("token", token);
            writer.WriteRaw("client", options.ClientJson(mode));
            writer.WriteString("mode", ClientDetail.NameOf(mode));
            writer.WriteStartArray("versions");
            Array.ForEach(Versions, writer.WriteStringValue);
            writer.WriteEndArray();
            writer.WriteString("driverVersion", typeof(Payloads).Assembly.GetName().Version?.ToString());
            writer.WriteStartObject("supportedFeatures");
            writer.WriteBoolean("submit_signals_v2", true);
            writer.WriteEndObject();
            if (lastSeen is { } number)
            {
                writer.WriteNumber("lastSeenSequenceNumber", number);
            }
        });

    public static byte[] Submit(string clientId, PendingBatch batch) => Object(writer =>
    {
        writer.WriteString("clientId", clientId);
        writer.WriteStartArray("messageBatches");
        writer.WriteStartArray();
        foreach (var op in batch.Ops)
        {
            op.Op.Write(writer, op.ClientSequenceNumber, batch.ReferenceSequenceNumber);
        }

        writer.WriteEndArray();
        writer.WriteEndArray();
    });

    public static byte[] Signal(string clientId, byte[] content, SignalTarget target) => Object(writer =>
    {
        writer.WriteString("clientId", clientId);
        writer.WriteStartArray("contentBatches");
        writer.WriteStartObject();
        writer.WriteStartObject("signal");
        writer.WriteRaw("content", content);
        if (target.ClientId is not null)
        {
            writer.WriteString("targetClientId", target.ClientId);
        }

        writer.WriteEndObject();
        WriteIds(writer, "targetedClients", target.Only);
        WriteIds(writer, "ignoredClients", target.Except);
        writer.WriteEndObject();
        writer.WriteEndArray();
    });

    public static byte[] RequestOps(long after) => Object(writer => writer.WriteNumber("from", after));

    public static byte[] NoOp(string clientId, long referenceSequenceNumber) => Object(writer =>
    {
        writer.WriteString("clientId", clientId);
        writer.WriteNumber("referenceSequenceNumber", referenceSequenceNumber);
    });

    public static LeveeSignal ReadSignal(ReadOnlyMemory<byte> payload)
    {
        var clientId = JsonReading.TryGetMember(payload, "clientId"u8, out var id) ? JsonReading.TextOf(id) : null;
        var content = JsonReading.TryGetMember(payload, "content"u8, out var value) ? value.ToArray() : "null"u8.ToArray();
        return new LeveeSignal(clientId, content);
    }

    public static IReadOnlyList<RefusedOp> ReadNacks(ReadOnlyMemory<byte> payload)
    {
        try
        {
            using var document = JsonDocument.Parse(payload);
            return [.. document.RootElement.GetProperty("nacks").EnumerateArray().Select(ReadNack)];
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new LeveeTransportException("The server sent a nack that could not be read.", e);
        }
    }

    private static RefusedOp ReadNack(JsonElement nack)
    {
        var content = nack.GetProperty("content");
        long? clientSequenceNumber =
            nack.TryGetProperty("operation", out var operation) && operation.ValueKind == JsonValueKind.Object
                ? operation.GetProperty("clientSequenceNumber").GetInt64()
                : null;
        return new RefusedOp(clientSequenceNumber, new NackContent(
            content.GetProperty("code").GetInt32(),
            content.GetProperty("type").GetString() ?? NackErrorType.BadRequest,
            content.GetProperty("message").GetString() ?? "",
            content.TryGetProperty("retryAfter", out var seconds) && seconds.TryGetInt32(out var number) ? number : null));
    }

    private static void WriteIds(Utf8JsonWriter writer, string name, IReadOnlyList<string>? ids)
    {
        if (ids is null)
        {
            return;
        }

        writer.WriteStartArray(name);
        foreach (var id in ids)
        {
            writer.WriteStringValue(id);
        }

        writer.WriteEndArray();
    }

    private static byte[] Object(Action<Utf8JsonWriter> write) => JsonWriting.Write(writer =>
    {
        writer.WriteStartObject();
        write(writer);
        writer.WriteEndObject();
    });
}
