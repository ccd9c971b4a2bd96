using Levee.Protocol;
using Levee.Protocol.Git;
using Levee.Sessions;
using Levee.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace Levee.Gateway.Rest;

/// <summary>A tenant's refs, named <c>heads/x</c> or <c>refs/heads/x</c> in the path.</summary>
internal static class RefsEndpoints
{
    private const string Prefix = "refs/";

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapRead("/repos/{tenant}/git/refs", ListAsync).RequireScopes(Scopes.DocRead);
        endpoints.MapRead("/repos/{tenant}/git/refs/{**name}", FindAsync).RequireScopes(Scopes.DocRead);
        endpoints.MapPost("/repos/{tenant}/git/refs", CreateAsync).RequireScopes(Scopes.DocRead, Scopes.SummaryWrite);
        endpoints.MapPatch("/repos/{tenant}/git/refs/{**name}", MoveAsync).RequireScopes(Scopes.DocRead, Scopes.SummaryWrite);
    }

    private static async Task<IResult> ListAsync(string tenant, HttpContext http, IDocumentStore store, RefService refs, RestUrls urls)
    {
        var shapes = new List<RefShape>();
        foreach (var found in await store.ListRefsAsync(tenant, http.RequestAborted))
        {
            if (await refs.MayReadAsync(tenant, found.Name, http.Claims().DocumentId, http.RequestAborted))
            {
                shapes.Add(Shape(found.Name, found.Target, http.Request, tenant, urls));
            }
        }

        return TypedResults.Json([.. shapes], RestJson.Default.RefShapeArray);
    }

    private static async Task<IResult> FindAsync(
        string tenant, string? name, HttpContext http, IDocumentStore store, RefService refs, RestUrls urls)
    {
        var full = FullName(name);
        if (!RefName.IsValid(full) || await store.FindRefAsync(tenant, full, http.RequestAborted) is not { } target)
        {
            return RestErrors.NotFound("Ref");
        }

        return await refs.MayReadAsync(tenant, full, http.Claims().DocumentId, http.RequestAborted)
            ? TypedResults.Json(Shape(full, target, http.Request, tenant, urls), RestJson.Default.RefShape)
            : RestErrors.WrongDocument;
    }

    private static async Task<IResult> CreateAsync(
        string tenant, HttpContext http, RefService refs, RestUrls urls, IOptions<RestOptions> options)
    {
        using var body = await RequestBody.ReadAsync(http, options.Value.MaxBodyBytes);
        var name = body.RequireText("ref");
        var target = Immutable.ParseId(body.RequireText("sha"), "sha");
        var outcome = await refs.CreateAsync(tenant, name, target, http.RequestAborted);
        return Answer(outcome, StatusCodes.Status201Created, Shape(name, target, http.Request, tenant, urls));
    }

    private static async Task<IResult> MoveAsync(
        string tenant, string? name, HttpContext http, RefService refs, RestUrls urls, IOptions<RestOptions> options)
    {
        using var body = await RequestBody.ReadAsync(http, options.Value.MaxBodyBytes);
        var full = FullName(name);
        var target = Immutable.ParseId(body.RequireText("sha"), "sha");
        var outcome = await refs.MoveAsync(tenant, full, target, body.Flag("force"), http.RequestAborted);
        return Answer(outcome, StatusCodes.Status200OK, Shape(full, target, http.Request, tenant, urls));
    }

    private static IResult Answer(RefOutcome outcome, int success, RefShape shape) => outcome switch
    {
        RefOutcome.Done => TypedResults.Json(shape, RestJson.Default.RefShape, statusCode: success),
        RefOutcome.Exists => RestErrors.Of(StatusCodes.Status409Conflict, "Ref already exists"),
        RefOutcome.NotFastForward => RestErrors.Of(StatusCodes.Status409Conflict, "Update is not a fast-forward; use force to move the ref anyway"),
        RefOutcome.Contended => RestErrors.Of(StatusCodes.Status409Conflict, "Ref is being moved by others; try again"),
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, "Not an outcome."),
    };

    /// <summary>The full name; a slash that was escaped in the path arrives escaped. A path may end before the name, which names no ref.</summary>
    private static string FullName(string? name)
    {
        var plain = (name ?? "").Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        return plain.StartsWith(Prefix, StringComparison.Ordinal) ? plain : Prefix + plain;
    }

    private static RefShape Shape(string name, ObjectId target, HttpRequest request, string tenant, RestUrls urls) => new(
        name,
        urls.Ref(request, tenant, name),
        new RefTargetShape(target.ToString(), "commit", urls.Commit(request, tenant, target)));
}
