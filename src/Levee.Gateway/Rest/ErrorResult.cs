using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Levee.Gateway.Rest;

/// <summary>
/// An error in the dialect of the request: <c>{"error"}</c> for Levee's clients; for routerlicious drivers, which show the body whole and
/// read <c>retryAfter</c>, also the members of that service's errors; under <c>/api</c>, whoever asks, <c>{"error": {"code", "message"}}</c>.
/// </summary>
internal sealed class ErrorResult(int status, string message) : IResult
{
    /// <summary>After how many seconds the request is worth repeating; null when it is not, or when the client knows by the status.</summary>
    /// <remarks>
    /// A driver repeats a 503 only if it is told when, and reads the number as milliseconds there, but as seconds in a 429; its own back-off,
    /// a second at least, comes on top.
    /// </remarks>
    public int? RetryAfter { get; init; }

    /// <summary>The routerlicious name of what is wrong, if it has one.</summary>
    public string? InternalErrorCode { get; init; }

    /// <summary>What programs compare under <c>/api</c>; by the status when it has no name of its own.</summary>
    public string? Code { get; init; }

    /// <summary>The dialect, when the request's headers are not known to say it.</summary>
    public RestDialect? Dialect { get; init; }

    /// <summary>Whether the connection ends with the answer, because what the client sent after this can not be told apart any more.</summary>
    public bool IsLast { get; init; }

    public Task ExecuteAsync(HttpContext http)
    {
        if (IsLast)
        {
            RestErrors.EndConnection(http);
        }

        if (RetryAfter is { } seconds)
        {
            http.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        if (http.Request.Path.StartsWithSegments("/api"))
        {
            var detail = new ApiErrorDetail(Code ?? CodeOf(status), message);
            return TypedResults.Json(new ApiErrorShape(detail), RestJson.Default.ApiErrorShape, statusCode: status).ExecuteAsync(http);
        }

        var shape = (Dialect ?? http.Request.Dialect()) == RestDialect.Routerlicious
            ? new ErrorShape(message, message, RetryAfter, InternalErrorCode)
            : new ErrorShape(message);
        return TypedResults.Json(shape, RestJson.Default.ErrorShape, statusCode: status).ExecuteAsync(http);
    }

    /// <summary>The status's name in the form of codes, such as <c>not_found</c>.</summary>
    private static string CodeOf(int status) =>
        ReasonPhrases.GetReasonPhrase(status) is { Length: > 0 } phrase ? phrase.ToLowerInvariant().Replace(' ', '_') : "error";
}
