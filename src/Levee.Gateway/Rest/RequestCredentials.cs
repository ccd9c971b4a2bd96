using System.Text;
using Levee.Identity;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Levee.Gateway.Rest;

/// <summary>
/// What <c>Authorization</c> holds: <c>Bearer JWT</c>, or the routerlicious driver's <c>Basic JWT</c> (documents and deltas) and
/// <c>Basic base64(tenant:JWT)</c> (git objects). Each is taken on every route; older drivers' query <c>token</c>, which holds the tenant
/// alone, is not looked at.
/// </summary>
/// <remarks>No record: what one would print must not reach a log.</remarks>
internal sealed class RequestCredentials
{
    private const string Basic = "Basic";
    private const string Bearer = "Bearer";

    private RequestCredentials(string? token, string? tenant = null)
    {
        Token = token;
        Tenant = tenant;
    }

    /// <summary>The token, not verified yet; null when there is none.</summary>
    public string? Token { get; }

    /// <summary>The tenant that stands beside the token, signed by nobody; null in the forms that have none.</summary>
    public string? Tenant { get; }

    /// <summary>Reads the header. Never fails: what is no token does not verify.</summary>
    public static RequestCredentials Read(HttpRequest request)
    {
        if (Find(request, Bearer) is { } bearer)
        {
            return new RequestCredentials(bearer);
        }

        return Find(request, Basic) is { } basic ? OfBasic(basic) : new RequestCredentials(null);
    }

    /// <summary>Whether a request has the scheme of routerlicious drivers, whatever follows it.</summary>
    public static bool AreBasic(HttpRequest request) => Find(request, Basic) is not null;

    /// <summary>The answer to a token that proves nothing (401) or does not allow this (403).</summary>
    public static IResult Refuse(HttpContext http, TokenFailure failure)
    {
        if (failure.Code == StatusCodes.Status401Unauthorized)
        {
            // RFC 9110, 11.6.1: a 401 names a scheme that is taken. Never Basic, which drivers use without being asked: a browser would
            // answer it by asking its user for a name and a password.
            http.Response.Headers[HeaderNames.WWWAuthenticate] = "Bearer";
        }

        return RestErrors.Of(failure.Code, failure.Message);
    }

    /// <summary>What follows a scheme; null when the header has another one.</summary>
    private static string? Find(HttpRequest request, string scheme) =>
        request.Headers.Authorization is [{ } header]
        && header.StartsWith(scheme, StringComparison.OrdinalIgnoreCase)
        && (header.Length == scheme.Length || header[scheme.Length] == ' ')
            ? header[scheme.Length..].Trim()
            : null;

    /// <summary>A JWT has dots, which base64 has not.</summary>
    private static RequestCredentials OfBasic(string value)
    {
        var bytes = new byte[value.Length];
        if (value.Contains('.') || !Convert.TryFromBase64String(value, bytes, out var length))
        {
            return new RequestCredentials(value);
        }

        var text = Encoding.UTF8.GetString(bytes, 0, length);
        // Neither a tenant's id nor a JWT has a colon.
        return text.IndexOf(':') is var colon and >= 0
            ? new RequestCredentials(text[(colon + 1)..], text[..colon])
            : new RequestCredentials(value);
    }
}
