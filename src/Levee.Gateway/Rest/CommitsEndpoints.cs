using System.Globalization;
using Levee.Protocol;
using Levee.Protocol.Git;
using Levee.Sessions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace Levee.Gateway.Rest;

/// <summary>A tenant's commits.</summary>
internal static class CommitsEndpoints
{
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost("/repos/{tenant}/git/commits", CreateAsync).RequireScopes(Scopes.DocRead, Scopes.SummaryWrite);
        endpoints.MapRead("/repos/{tenant}/git/commits/{sha}", FindAsync).RequireScopes(Scopes.DocRead);
    }

    private static async Task<IResult> CreateAsync(
        string tenant, HttpContext http, CommitService commits, RestUrls urls, TimeProvider time, IOptions<RestOptions> options)
    {
        using var body = await RequestBody.ReadAsync(http, options.Value.MaxBodyBytes);
        var now = time.GetUtcNow();
        var author = Author(body, "author", http.Claims().User.Id, now) ?? new GitSignature(http.Claims().User.Id, "", now);
        var made = await commits.CreateAsync(
            tenant,
            Immutable.ParseId(body.RequireText("tree"), "tree"),
            Parents(body),
            author,
            Author(body, "committer", author.Name, now) ?? author,
            body.RequireText("message"),
            http.RequestAborted);
        return TypedResults.Json(
            Shape(made.Id, ObjectReader.CommitOf(made), http.Request, tenant, urls),
            RestJson.Default.CommitShape,
            statusCode: StatusCodes.Status201Created);
    }

    private static async Task<IResult> FindAsync(string tenant, string sha, HttpContext http, CommitService commits, RestUrls urls)
    {
        var id = Immutable.ParseId(sha, "sha");
        if (await commits.FindAsync(tenant, id, http.RequestAborted) is not { } commit)
        {
            return RestErrors.NotFound("Commit");
        }

        Immutable.Keep(http);
        return TypedResults.Json(Shape(id, commit, http.Request, tenant, urls), RestJson.Default.CommitShape);
    }

    private static ObjectId[] Parents(RequestBody body) => body.Member("parents") is not { } json
        ? []
        : [.. json.As("parents", RestJson.Default.StringArray).Select((sha, index) => Immutable.ParseId(sha, $"parents[{index}]"))];

    /// <summary>An author; what it lacks is filled in. Null when the body has none.</summary>
    private static GitSignature? Author(RequestBody body, string member, string name, DateTimeOffset now)
    {
        if (body.Member(member) is not { } json)
        {
            return null;
        }

        var author = json.As(member, RestJson.Default.AuthorShape);
        if (author.Name?.Length > ObjectLimits.MaxAuthorLength || author.Email?.Length > ObjectLimits.MaxAuthorLength)
        {
            throw new MalformedMessageException($"{member} must not have a name or email of more than {ObjectLimits.MaxAuthorLength} characters");
        }

        return new GitSignature(author.Name ?? name, author.Email ?? "", author.Date is null ? now : Date(author.Date, member));
    }

    private static DateTimeOffset Date(string text, string member) =>
        // Git counts seconds from 1970 and has no way to say "before".
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date) && date >= DateTimeOffset.UnixEpoch
            ? date
            : throw new MalformedMessageException($"{member}.date must be a date and time after 1970 in ISO 8601 form");

    private static CommitShape Shape(ObjectId id, GitCommit commit, HttpRequest request, string tenant, RestUrls urls) => new(
        id.ToString(),
        urls.Commit(request, tenant, id),
        commit.Message,
        AuthorShape.Of(commit.Author),
        AuthorShape.Of(commit.Committer),
        new ObjectShape(commit.Tree.ToString(), urls.Tree(request, tenant, commit.Tree)),
        [.. commit.Parents.Select(parent => new ObjectShape(parent.ToString(), urls.Commit(request, tenant, parent)))]);
}
