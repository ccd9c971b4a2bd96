using Levee.Gateway.Health;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Levee.Gateway.Rest;

/// <summary>What anyone may ask: whether the process lives, and whether it can serve.</summary>
internal static class HealthEndpoints
{
    private static readonly HealthShape Ok = new("ok");

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapRead("/health", Live);
        endpoints.MapRead("/health/live", Live);
        endpoints.MapRead("/health/ready", Ready);
        endpoints.MapRead("/", () => TypedResults.Redirect("/admin"));
    }

    private static IResult Live() => TypedResults.Json(Ok, RestJson.Default.HealthShape);

    private static IResult Ready(IEnumerable<IReadinessCheck> checks)
    {
        var reasons = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var check in checks)
        {
            if (check.Problem is { } problem)
            {
                reasons[check.Name] = problem;
            }
        }

        return reasons.Count == 0
            ? Live()
            : TypedResults.Json(
                new HealthShape("unavailable", reasons), RestJson.Default.HealthShape, statusCode: StatusCodes.Status503ServiceUnavailable);
    }
}
