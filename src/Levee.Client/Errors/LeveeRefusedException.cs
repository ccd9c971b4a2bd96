namespace Levee.Client;

/// <summary>The server understood, and said no.</summary>
public sealed class LeveeRefusedException : LeveeException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="code">An HTTP-like status code.</param>
    /// <param name="reason">The name that programs compare.</param>
    /// <param name="message">The server's sentence.</param>
    public LeveeRefusedException(int code, string reason, string message)
        : base($"{message} ({code} {reason})")
    {
        Code = code;
        Reason = reason;
    }

    /// <summary>An HTTP-like status code: 400, 401, 403, 404, 409, 413, 429, 500, 503.</summary>
    public int Code { get; }

    /// <summary>
    /// The server's name for it: of a connection such as <c>token_expired</c> or <c>session_not_found</c>, of an op the type of the nack,
    /// such as <c>InvalidScopeError</c>, of a request such as <c>Conflict</c>.
    /// </summary>
    public string Reason { get; }

    /// <summary>True when the same request may succeed later.</summary>
    internal bool IsTransient => Code is 429 or >= 500;
}
