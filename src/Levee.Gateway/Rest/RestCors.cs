using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Levee.Gateway.Rest;

/// <summary>Which pages of other origins may call the service. Tokens travel in a header, never in a cookie, so no credentials are allowed.</summary>
internal sealed class RestCors(IOptions<RestOptions> options, IHostEnvironment environment) : IConfigureOptions<CorsOptions>
{
    public const string Policy = "Levee.Rest";

    private static readonly TimeSpan PreflightMaxAge = TimeSpan.FromHours(2);

    public void Configure(CorsOptions cors) => cors.AddPolicy(Policy, policy =>
    {
        var origins = options.Value.CorsOrigins;
        if (origins.Contains("*") || (origins.Count == 0 && environment.IsDevelopment()))
        {
            policy.AllowAnyOrigin();
        }
        else
        {
            policy.WithOrigins([.. origins]);
        }

        policy.AllowAnyHeader().AllowAnyMethod().SetPreflightMaxAge(PreflightMaxAge)
            .WithExposedHeaders(RequestIds.Header, HeaderNames.RetryAfter);
    });
}
