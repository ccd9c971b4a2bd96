using Levee.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Levee.Gateway.Rest;

/// <summary>Names the scopes that a route needs.</summary>
internal static class TokenFilterExtensions
{
    /// <summary>Requires a token with all of these scopes.</summary>
    public static RouteHandlerBuilder RequireScopes(this RouteHandlerBuilder route, params string[] scopes) =>
        route.AddEndpointFilter(new TokenFilter(RequiredScopes.Of(scopes)));

    /// <summary>Requires a token with all of these scopes or, from the routerlicious driver, with all of the other ones.</summary>
    public static RouteHandlerBuilder RequireScopesOrElse(this RouteHandlerBuilder route, string[] scopes, string[] routerlicious) =>
        route.AddEndpointFilter(new TokenFilter(RequiredScopes.Of(scopes), RequiredScopes.Of(routerlicious)));

    /// <summary>The verified claims of a request to a route that requires scopes.</summary>
    public static TokenClaims Claims(this HttpContext http) => http.Features.GetRequiredFeature<TokenClaims>();
}
