using Levee.Gateway.Health;
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
        var options = services.AddOptions<RestOptions>().BindConfiguration(RestOptions.Section).ValidateOnStart();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<RestOptions>, RestOptionsValidator>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<CorsOptions>, RestCors>());
        services.AddCors();
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
    /// Answers preflights, lets pages of the allowed origins read answers and errors, gives errors that have no body, such as those of
    /// routing, the body of all others, and decodes RestLess requests; then routing, which must see what they decode to. Comes before the
    /// routes.
    /// </summary>
    public static IApplicationBuilder UseLeveeRest(this IApplicationBuilder app)
    {
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
        return group;
    }

    /// <summary>Maps a route that reads: HEAD gives the headers that GET would.</summary>
    internal static RouteHandlerBuilder MapRead(this IEndpointRouteBuilder endpoints, string pattern, Delegate handler) =>
        endpoints.MapMethods(pattern, [HttpMethods.Get, HttpMethods.Head], handler);
}
