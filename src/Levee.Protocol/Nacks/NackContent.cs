using System.Text.Json;

namespace Levee.Protocol;

/// <summary>Why an op was refused.</summary>
/// <param name="Code">An HTTP-like status code.</param>
/// <param name="Type">One of <see cref="NackErrorType"/>.</param>
/// <param name="Message">What was wrong, in words that help the sender.</param>
/// <param name="RetryAfter">Seconds to wait before the next try; only with <see cref="NackErrorType.Throttling"/>.</param>
public sealed record NackContent(int Code, string Type, string Message, int? RetryAfter = null)
{
    /// <summary>A 400: the op can not be sequenced as it is.</summary>
    public static NackContent BadRequest(string message) => new(400, NackErrorType.BadRequest, message);

    /// <summary>A 403: a scope is missing.</summary>
    public static NackContent InvalidScope(string message) => new(403, NackErrorType.InvalidScope, message);

    /// <summary>A 429: too much at once.</summary>
    /// <param name="message">What was too much.</param>
    /// <param name="retryAfter">Seconds to wait before the next try.</param>
    public static NackContent Throttling(string message, int retryAfter) => new(429, NackErrorType.Throttling, message, retryAfter);

    /// <summary>A 413: the op is larger than the service takes.</summary>
    public static NackContent TooLarge(string message) => new(413, NackErrorType.BadRequest, message);

    /// <summary>Writes <c>{code, type, message, retryAfter?}</c>.</summary>
    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteNumber("code", Code);
        writer.WriteString("type", Type);
        writer.WriteString("message", Message);
        if (RetryAfter is { } seconds)
        {
            writer.WriteNumber("retryAfter", seconds);
        }

        writer.WriteEndObject();
    }
}
