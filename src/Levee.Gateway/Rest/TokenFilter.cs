using Levee.Identity;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Levee.Gateway.Rest;

/// <summary>
/// Lets a request through whose token is the path's tenant's and allows what the route needs. A route with an <c>id</c> is about one document,
/// and the token must be for it; git objects and refs are a whole tenant's. Runs before a body is read.
/// </summary>
internal sealed class TokenFilter(RequiredScopes scopes) : IEndpointFilter
{
    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var verifier = http.RequestServices.GetRequiredService<TokenVerifier>();
        var tenant = (string)http.GetRouteValue("tenant")!;
        var token = RequestToken.Read(http.Request);
        var outcome = http.GetRouteValue("id") is string document
            ? verifier.Verify(token, tenant, document, scopes)
            : verifier.VerifyForTenant(token, tenant, scopes);
        if (outcome is not TokenClaims claims)
        {
            return ValueTask.FromResult<object?>(RequestToken.Refuse(http, (TokenFailure)outcome));
        }

        http.Features.Set(claims);
        return next(context);
    }
}
