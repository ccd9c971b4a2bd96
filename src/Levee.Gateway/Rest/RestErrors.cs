using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Levee.Gateway.Rest;

/// <summary>Errors, each in the form of the client's dialect.</summary>
internal static class RestErrors
{
    /// <summary>What a 413 says.</summary>
    public const string BodyTooLarge = "Request body too large";

    public static IResult Of(int status, string message) => new ErrorResult(status, message);

    /// <summary>What is worth trying again soon.</summary>
    public static IResult Unavailable(string message, string? internalErrorCode = null) =>
        new ErrorResult(StatusCodes.Status503ServiceUnavailable, message) { RetryAfter = 1, InternalErrorCode = internalErrorCode };

    public static IResult NotFound(string what) => Of(StatusCodes.Status404NotFound, $"{what} not found");

    public static IResult DocumentNotFound => NotFound("Document");

    /// <summary>As of a route that names the document in its path.</summary>
    public static IResult WrongDocument => Of(StatusCodes.Status403Forbidden, "Token not valid for this document");

    /// <summary>
    /// The connection broke within a body, or the body's chunks are none: of some of them, such as a size beyond all bounds, the web server does not
    /// say that the request is bad, but fails to read it.
    /// </summary>
    public static BadHttpRequestException BrokenBody(IOException failure) =>
        new("Request body can not be read", StatusCodes.Status400BadRequest, failure);

    /// <summary>
    /// What is answered to a request that can not be read. When it is the web server that gave up, because the body broke off or can not be
    /// told apart, it can not find the next request on the connection either: it says so in the log, as of a failure of its own, unless the
    /// answer is the last one.
    /// </summary>
    public static ErrorResult Unreadable(BadHttpRequestException failure, RestDialect? dialect = null)
    {
        // The server's own message of a 413 is about its settings.
        return new ErrorResult(
            failure.StatusCode, failure.StatusCode == StatusCodes.Status413PayloadTooLarge ? BodyTooLarge : failure.Message)
        {
            Dialect = dialect,
            IsLast = failure.GetType() != typeof(BadHttpRequestException) || failure.InnerException is not null,
        };
    }

    /// <summary>
    /// Tells the web server not to look for a next request behind what it could not read whole; an answer that has yet to start says so to the
    /// client. Of HTTP/2 there is nothing to tell: its streams are apart.
    /// </summary>
    public static void EndConnection(HttpContext http)
    {
        if (HttpProtocol.IsHttp11(http.Request.Protocol) || HttpProtocol.IsHttp10(http.Request.Protocol))
        {
            http.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
        }
    }

    /// <summary>Gives an error without a body its message.</summary>
    public static Task FillAsync(HttpContext http)
    {
        var response = http.Response;
        if (response.HasStarted || response.StatusCode < 400 || response.ContentLength is not null || response.ContentType is not null)
        {
            return Task.CompletedTask;
        }

        return Of(response.StatusCode, ReasonPhrases.GetReasonPhrase(response.StatusCode)).ExecuteAsync(http);
    }
}
