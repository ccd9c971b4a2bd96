using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Levee.Gateway.Rest;

/// <summary>Errors in the contract's form: <c>{"error": "message"}</c>.</summary>
internal static class RestErrors
{
    public static IResult Of(int status, string message) =>
        TypedResults.Json(new ErrorShape(message), RestJson.Default.ErrorShape, statusCode: status);

    public static IResult NotFound(string what) => Of(StatusCodes.Status404NotFound, $"{what} not found");

    public static IResult DocumentNotFound => NotFound("Document");

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
