using Levee.Identity;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Levee.Gateway.Rest;

/// <summary>
/// Lets a request through whose token is the path's tenant's and allows what the route needs. A route with an <c>id</c> is about one document,
/// and the token must be for it; git objects are a whole tenant's, and of refs each route knows whose they are. Runs before a body is read.
/// </summary>
/// <param name="scopes">What the route needs.</param>
/// <param name="orElse">What will do instead, for the routerlicious driver only; null when nothing else will.</param>
internal sealed class TokenFilter(RequiredScopes scopes, RequiredScopes? orElse = null) : IEndpointFilter
{
    private const string WrongTenant = "Token not valid for this tenant";

    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var tenant = (string)http.GetRouteValue("tenant")!;
        var credentials = RequestCredentials.Read(http.Request);
        var outcome = Verify(http, tenant, credentials.Token, scopes);
        if (outcome is TokenFailure { Reason: TokenFailureReason.MissingScope }
            && orElse is not null
            && http.Request.Dialect() == RestDialect.Routerlicious)
        {
            outcome = Verify(http, tenant, credentials.Token, orElse);
        }

        if (outcome is not TokenClaims claims)
        {
            return ValueTask.FromResult<object?>(RequestCredentials.Refuse(http, (TokenFailure)outcome));
        }

        if (credentials.Tenant is { } stated && stated != tenant)
        {
            return ValueTask.FromResult<object?>(RestErrors.Of(StatusCodes.Status403Forbidden, WrongTenant));
        }

        http.Features.Set(claims);
        return next(context);
    }

    private static TokenOutcome Verify(HttpContext http, string tenant, string? token, RequiredScopes required)
    {
        var verifier = http.RequestServices.GetRequiredService<TokenVerifier>();
        return http.GetRouteValue("id") is string document
            ? verifier.Verify(token, tenant, document, required)
            : verifier.VerifyForTenant(token, tenant, required);
    }
}
