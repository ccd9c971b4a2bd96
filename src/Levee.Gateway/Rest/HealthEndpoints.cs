using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Levee.Gateway.Rest;

/// <summary>What anyone may ask.</summary>
internal static class HealthEndpoints
{
    private static readonly HealthShape Ok = new("ok");

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapRead("/health", () => TypedResults.Json(Ok, RestJson.Default.HealthShape));
        endpoints.MapRead("/", () => TypedResults.Redirect("/admin"));
    }
}
