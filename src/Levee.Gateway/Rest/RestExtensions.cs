using Levee.Gateway.Health;
using Levee.Gateway.Rest.Admin;
using Levee.Gateway.Settings;
using Levee.Sessions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Levee.Gateway.Rest;

/// <summary>Adds the HTTP routes, of Levee's clients and of routerlicious drivers alike, to a web application.</summary>
public static class RestExtensions
{
    /// <summary>
    /// Adds the services. The host brings an <see cref="Storage.IDocumentStore"/>, identity and a <see cref="SessionDirectory"/>; with an
    /// <see cref="Storage.IStorageHealth"/> the server is ready only while that is. Options come
    /// from the configuration section <see cref="RestOptions.Section"/> and then <paramref name="configure"/>, and are checked at start.
    /// </summary>
    public static IServiceCollection AddLeveeRest(this IServiceCollection services, Action<RestOptions>? configure = null)
    {
        services.AddCheckedOptions<RestOptions, RestOptionsValidator>(RestOptions.Section, configure);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<CorsOptions>, RestCors>());
        services.AddCors();
        // In Development it would be thrown, past the filters, and answered with a page that shows the stack and the request's headers.
        services.Configure<RouteHandlerOptions>(handlers => handlers.ThrowOnBadRequest = false);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ObjectReader>();
        services.TryAddSingleton<TreeService>();
        services.TryAddSingleton<CommitService>();
        services.TryAddSingleton<RefService>();
        services.TryAddSingleton<DocumentCreator>();
        services.TryAddSingleton<SummaryUploads>();
        services.TryAddSingleton<SummarySnapshots>();
        services.TryAddSingleton<RestUrls>();
        services.TryAddSingleton<NewDocumentAnswer>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IReadinessCheck, StorageReadiness>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IReadinessCheck, DrainingReadiness>());
        return services;
    }

    /// <summary>
    /// Gives requests their ids and answers their security headers, answers preflights, lets pages of the allowed origins read answers and
    /// errors, gives errors that have no body, such as those of routing, the body of all others, and decodes RestLess requests; then
    /// routing, which must see what they decode to. Comes before the routes.
    /// </summary>
    public static IApplicationBuilder UseLeveeRest(this IApplicationBuilder app)
    {
        app.Use(async (http, next) =>
        {
            RequestIds.Assign(http);
            SecurityHeaders.Apply(http);
            await next(http);
        });
        app.UseCors(RestCors.Policy);
        app.Use(async (http, next) =>
        {
            await next(http);
            await RestErrors.FillAsync(http);
        });
        app.UseMiddleware<RestLessMiddleware>();
        return app.UseRouting();
    }

    /// <summary>Maps the routes.</summary>
    public static IEndpointConventionBuilder MapLeveeRest(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("");
        group.AddEndpointFilter<RestErrorFilter>();
        HealthEndpoints.Map(group);
        DocumentsEndpoints.Map(group);
        SessionInfoEndpoints.Map(group);
        DeltasEndpoints.Map(group);
        BlobsEndpoints.Map(group);
        TreesEndpoints.Map(group);
        CommitsEndpoints.Map(group);
        SummariesEndpoints.Map(group);
        VersionsEndpoints.Map(group);
        RefsEndpoints.Map(group);
        RevocationsEndpoints.Map(group.MapGroup("/api/admin").AddEndpointFilter<AdminKeyFilter>());
        return group;
    }

    /// <summary>Maps a route that reads: HEAD gives the headers that GET would.</summary>
    internal static RouteHandlerBuilder MapRead(this IEndpointRouteBuilder endpoints, string pattern, Delegate handler) =>
        endpoints.MapMethods(pattern, [HttpMethods.Get, HttpMethods.Head], handler);
}
