using Levee.Identity;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Levee.Gateway.Rest;

/// <summary>Where a request carries its token, and how one is refused.</summary>
internal static class RequestToken
{
    private const string Scheme = "Bearer ";

    /// <summary>The token of <c>Authorization: Bearer</c>; null when there is none.</summary>
    public static string? Read(HttpRequest request)
    {
        var header = request.Headers.Authorization;
        return header.Count == 1 && header[0] is { } value && value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            ? value[Scheme.Length..].Trim()
            : null;
    }

    /// <summary>The answer to a token that proves nothing (401) or does not allow this (403).</summary>
    public static IResult Refuse(HttpContext http, TokenFailure failure)
    {
        if (failure.Code == StatusCodes.Status401Unauthorized)
        {
            // RFC 9110, 11.6.1: a 401 names the scheme that it wants.
            http.Response.Headers[HeaderNames.WWWAuthenticate] = "Bearer";
        }

        return RestErrors.Of(failure.Code, failure.Message);
    }
}
