using Levee.Identity;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Levee.Gateway.Rest.Admin;

/// <summary>Lets operators through, who send the admin key as <c>Authorization: Bearer</c>. Runs before a body is read.</summary>
internal sealed class AdminKeyFilter(AdminKey key) : IEndpointFilter
{
    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (!key.IsConfigured)
        {
            return Refuse(
                StatusCodes.Status403Forbidden,
                "no_admin_key",
                $"This server has no operators: set {AdminOptions.KeyVariable} and start it again");
        }

        var presented = RequestCredentials.AreBasic(http.Request) ? null : RequestCredentials.Read(http.Request).Token;
        if (key.IsPresentedBy(presented))
        {
            return next(context);
        }

        http.Response.Headers[HeaderNames.WWWAuthenticate] = "Bearer";
        return Refuse(
            StatusCodes.Status401Unauthorized,
            string.IsNullOrEmpty(presented) ? "missing_admin_key" : "invalid_admin_key",
            $"Send the value of {AdminOptions.KeyVariable} as Authorization: Bearer");
    }

    private static ValueTask<object?> Refuse(int status, string code, string message) =>
        ValueTask.FromResult<object?>(new ErrorResult(status, message) { Code = code });
}
