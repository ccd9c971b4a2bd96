using System.Text.Json;
using Levee.Protocol;
using Levee.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Levee.Gateway.Rest;

/// <summary>
/// The one place where a request's failure becomes an answer. It runs the result too, so that what fails while an answer is written is
/// seen here: by then the client can only be told by a broken connection.
/// </summary>
internal sealed partial class RestErrorFilter(ILogger<RestErrorFilter> logger) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        // What may be kept says so itself.
        http.Response.Headers.CacheControl = "no-store";
        try
        {
            if (await next(context) is IResult result)
            {
                await result.ExecuteAsync(http);
            }
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to be answered.
            RestErrors.EndConnection(http);
        }
        catch (Exception e) when (!http.Response.HasStarted)
        {
            await Answer(http, e).ExecuteAsync(http);
        }
        catch (Exception e)
        {
            LogFailed(logger, e, http.TraceIdentifier, http.GetEndpoint()?.DisplayName);
            http.Abort();
        }

        return Results.Empty;
    }

    private IResult Answer(HttpContext http, Exception failure)
    {
        http.Response.Headers.CacheControl = "no-store";
        http.Response.ContentLength = null;
        switch (failure)
        {
            case MalformedMessageException malformed:
                return RestErrors.Of(StatusCodes.Status400BadRequest, malformed.Message);
            case JsonException:
                // The exception's own message may quote the body.
                return RestErrors.Of(StatusCodes.Status400BadRequest, "Request body is not valid JSON");
            case BadHttpRequestException bad:
                return RestErrors.Unreadable(bad);
            case StorageException { Fault: StorageFault.Damaged }:
                LogFailed(logger, failure, http.TraceIdentifier, http.GetEndpoint()?.DisplayName);
                // Not 503: a driver would ask again for ever.
                return RestErrors.Of(StatusCodes.Status500InternalServerError, "What is stored is damaged; the server's log says where");
            case StorageException:
                // The store has logged the cause once, for all requests.
                LogUnavailable(logger, http.TraceIdentifier, http.GetEndpoint()?.DisplayName, failure.Message);
                return RestErrors.Unavailable("Storage is unavailable; try again");
            default:
                LogFailed(logger, failure, http.TraceIdentifier, http.GetEndpoint()?.DisplayName);
                return RestErrors.Of(StatusCodes.Status500InternalServerError, "Internal server error");
        }
    }

    [LoggerMessage(1, LogLevel.Error, "Request {RequestId} to {Endpoint} failed")]
    private static partial void LogFailed(ILogger logger, Exception failure, string requestId, string? endpoint);

    [LoggerMessage(2, LogLevel.Warning, "Request {RequestId} to {Endpoint} was answered with 503. {Reason}")]
    private static partial void LogUnavailable(ILogger logger, string requestId, string? endpoint, string reason);
}
