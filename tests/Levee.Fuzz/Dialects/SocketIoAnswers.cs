using System.Text;
using System.Text.Json;
using Levee.Fuzz.Wire;

namespace Levee.Fuzz.Dialects;

/// <summary>What routerlicious' protocol lets a server send in an Engine.IO packet.</summary>
internal sealed class SocketIoAnswers
{
    /// <summary>The fences of what a client can wait for: the open packet, a connected namespace, any answer to connect_document.</summary>
    internal const string Open = "0";
    internal const string Namespace = "40";
    internal const string Connected = "connect_document";
    internal const string Probe = "3probe";

    private volatile string? _clientId;
    private volatile string? _sid;

    /// <summary>The id of the last connection that was granted.</summary>
    internal string? ClientId => _clientId;

    /// <summary>The Engine.IO session, once it is open.</summary>
    internal string? Sid => _sid;

    /// <summary>Reads a packet.</summary>
    /// <param name="packet">The packet.</param>
    /// <param name="passed">The fence that it passes.</param>
    /// <returns>What is wrong with it; null when nothing is.</returns>
    internal string? Read(byte[] packet, out string? passed)
    {
        passed = null;
        try
        {
            var text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(packet);
            return Check(text, out passed);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or ArgumentException or IndexOutOfRangeException)
        {
            return $"a packet that can not be read ({e.Message})";
        }
    }

    /// <summary>As a WebSocket's message.</summary>
    internal string? Read(byte opcode, byte[] packet, out string? passed)
    {
        passed = null;
        return opcode == RawWebSocket.Text ? Read(packet, out passed) : "a frame of the wrong type";
    }

    private string? Check(string text, out string? passed)
    {
        passed = null;
        switch (text)
        {
            case "2" or "6" or "1": return null;
            case Probe: passed = Probe; return null;
            default: break;
        }

        if (text[0] == '0')
        {
            _sid = JsonSerializer.Deserialize<JsonElement>(text.AsSpan(1)).GetProperty("sid").GetString();
            passed = Open;
            return null;
        }

        if (text.StartsWith("40", StringComparison.Ordinal))
        {
            passed = Namespace;
            return JsonSerializer.Deserialize<JsonElement>(text.AsSpan(2)).TryGetProperty("sid", out _) ? null : "a connect without a sid";
        }

        if (text.StartsWith("43", StringComparison.Ordinal) && text.EndsWith("[]", StringComparison.Ordinal))
        {
            passed = text[..^2];
            return null;
        }

        if (text.StartsWith("44", StringComparison.Ordinal))
        {
            return text.EndsWith("""{"message":"Invalid namespace"}""", StringComparison.Ordinal) ? null : "a connect error that nobody expects";
        }

        // 41 would mean that the handler crashed: nobody's token expires here, and no document's session ends.
        return text.StartsWith("42[", StringComparison.Ordinal)
            ? CheckEvent(JsonSerializer.Deserialize<JsonElement>(text.AsSpan(2), new JsonSerializerOptions { MaxDepth = 256 }), out passed)
            : "a packet that nobody expects";
    }

    private string? CheckEvent(JsonElement arguments, out string? passed)
    {
        passed = null;
        switch (arguments[0].GetString())
        {
            case "connect_document_success":
                _clientId = arguments[1].GetProperty("clientId").GetString();
                passed = Connected;
                return null;
            case "connect_document_error":
                passed = Connected;
                return arguments[1].GetProperty("code").GetInt32() is 400 or 401 or 403 or 404 ? null : "a connect_document_error of the server's own making";
            case "nack":
                return NackCheck.Wrong(arguments[2]);
            case "op":
                return arguments[2].GetArrayLength() > 0 ? null : "an op event without ops";
            case "signal":
                return null;
            default:
                return "an event that nobody expects";
        }
    }
}
