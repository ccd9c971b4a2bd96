using System.Text.Json;

namespace Levee.Client.Phoenix;

/// <summary>The server's answer to a push: <c>{status, response: {reason?, code?, message?}}</c>.</summary>
internal sealed record PhoenixReply(bool IsOk, int Code, string Reason, string Message)
{
    /// <summary>What a reply without a code means: the request was wrong.</summary>
    private const int BadRequest = 400;

    public static PhoenixReply Read(ReadOnlyMemory<byte> payload)
    {
        try
        {
            using var document = JsonDocument.Parse(payload);
            var isOk = document.RootElement.GetProperty("status").GetString() == "ok";
            if (isOk || !document.RootElement.TryGetProperty("response", out var response) || response.ValueKind != JsonValueKind.Object)
            {
                return new PhoenixReply(isOk, BadRequest, "error", "The server refused");
            }

            var reason = response.TryGetProperty("reason", out var text) ? text.ToString() : "error";
            return new PhoenixReply(
                false,
                response.TryGetProperty("code", out var code) && code.TryGetInt32(out var number) ? number : BadRequest,
                reason,
                response.TryGetProperty("message", out var message) ? message.ToString() : reason);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new LeveeTransportException("The server sent a reply that could not be read.", e);
        }
    }

    public void ThrowIfRefused()
    {
        if (!IsOk)
        {
            throw new LeveeRefusedException(Code, Reason, Message);
        }
    }
}
