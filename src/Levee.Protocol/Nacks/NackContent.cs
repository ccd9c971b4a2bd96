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

    /// <summary>A 429: to be tried again after so many seconds.</summary>
    public static NackContent Throttling(string message, int retryAfter) => new(429, NackErrorType.Throttling, message, retryAfter);

    /// <summary>A 413: the op is larger than the service takes.</summary>
    public static NackContent TooLarge(string message) => new(413, NackErrorType.BadRequest, message);
}
