using System.Collections.Frozen;
using System.Text.Json;
using MessagePack;

namespace Levee.Fuzz.Dialects;

/// <summary>What the contract lets a server send on a Phoenix socket, sections 2 and 3.</summary>
internal sealed class PhoenixAnswers
{
    /// <summary>The name of the fence that a connect_document passes, however it is answered.</summary>
    internal const string Connected = "connect_document";

    private static readonly FrozenSet<string> Events = FrozenSet.Create(
        "phx_reply", "phx_close", "connect_document_success", "connect_document_error", "op", "nack", "signal", "summaryAck", "summaryNack");

    // Not among them: what says that the server failed (session_start_failed, join crashed), or stopped (session_ended).
    private static readonly FrozenSet<string> Reasons = FrozenSet.Create(
        "unmatched topic", "too_many_topics", "invalid_topic", "unknown_event", "already_connected", "missing_fields", "tenant_document_mismatch",
        "malformed", "missing_token", "token_expired", "invalid_signature", "unknown_tenant", "invalid_token", "missing_claims", "tenant_mismatch",
        "document_mismatch", "missing_scope", "session_not_found", "ahead_of_document", "not_authenticated", "client_id_mismatch", "read_only",
        "too_large", "nacked");

    private volatile string? _clientId;

    /// <summary>The id of the last connection that was granted.</summary>
    internal string? ClientId => _clientId;

    /// <summary>Reads a message.</summary>
    /// <returns>What is wrong with it; null when nothing is.</returns>
    internal string? Read(PhoenixForm form, byte opcode, byte[] message, out string? passed)
    {
        passed = null;
        try
        {
            using var frame = JsonDocument.Parse(
                form == PhoenixForm.MessagePack ? MessagePackText.ToJson(message) : message,
                new JsonDocumentOptions { MaxDepth = 256 });
            return opcode == PhoenixWire.Opcode(form) ? Check(form, frame.RootElement, out passed) : "a frame of the wrong type";
        }
        catch (Exception e) when (e is JsonException or MessagePackSerializationException or InvalidOperationException or KeyNotFoundException or EndOfStreamException)
        {
            return $"a frame that can not be read ({e.Message})";
        }
    }

    private string? Check(PhoenixForm form, JsonElement frame, out string? passed)
    {
        passed = null;
        var isObject = form == PhoenixForm.Object;
        if (!isObject && frame.GetArrayLength() != 5)
        {
            return "a frame that has not five elements";
        }

        var payload = isObject ? frame.GetProperty("payload") : frame[4];
        var eventName = (isObject ? frame.GetProperty("event") : frame[3]).GetString()!;
        if (!Events.Contains(eventName))
        {
            return "an event that nobody expects";
        }

        switch (eventName)
        {
            case "phx_reply":
                passed = (isObject ? frame.GetProperty("ref") : frame[1]).GetString();
                return CheckReply(payload);
            case "connect_document_success":
                _clientId = payload.GetProperty("clientId").GetString();
                passed = Connected;
                return null;
            case "connect_document_error":
                passed = Connected;
                return payload.GetProperty("code").GetInt32() is 400 or 401 or 403 or 404 ? null : "a connect_document_error of the server's own making";
            case "nack":
                return NackCheck.Wrong(payload.GetProperty("nacks"));
            case "op":
                return payload.GetProperty("op").GetArrayLength() > 0 ? null : "an op event without ops";
            default:
                return null;
        }
    }

    private static string? CheckReply(JsonElement payload)
    {
        var response = payload.GetProperty("response");
        return payload.GetProperty("status").GetString() switch
        {
            "ok" => response.ValueKind == JsonValueKind.Object ? null : "an ok without a response",
            "error" => Reasons.Contains(response.GetProperty("reason").GetString()!) ? null : "an error with a reason that nobody expects",
            _ => "a reply with an unknown status",
        };
    }
}
