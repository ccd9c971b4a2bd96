using System.Globalization;
using Levee.Protocol;
using Levee.Protocol.Git;
using Levee.Sessions;
using Levee.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Levee.Gateway.Rest;

/// <summary>
/// The versions of a document: its head, or any commit, and what came before it, newest first. Every acknowledged summary stays one.
/// </summary>
internal static class VersionsEndpoints
{
    private const int DefaultCount = 1;
    private const int MaxCount = 1000;

    public static void Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapRead("/repos/{tenant}/commits", ListAsync).RequireScopes(Scopes.DocRead);

    private static async Task<IResult> ListAsync(
        string tenant, HttpContext http, IDocumentStore store, CommitService commits, RestUrls urls)
    {
        var count = Count(http.Request);
        var name = http.Request.Query["sha"] is [{ Length: > 0 } text]
            ? text
            : throw new MalformedMessageException("sha must be a document's id or a commit's");
        // A commit first: no document can be made whose commit has a given id, but one can be made that is named like a commit.
        var versions = ObjectId.TryParse(name, out var id)
            ? await commits.ListAsync(tenant, id, count, http.RequestAborted)
            : [];
        if (versions.Count == 0
            && DocumentId.IsValid(name)
            && await store.FindRefAsync(tenant, GitRef.OfDocument(name), http.RequestAborted) is { } head)
        {
            if (name != http.Claims().DocumentId)
            {
                return RestErrors.WrongDocument;
            }

            versions = await commits.ListAsync(tenant, head, count, http.RequestAborted);
        }

        return versions.Count == 0
            ? RestErrors.NotFound("Document or commit")
            : TypedResults.Json(
                [.. versions.Select(version => Shape(version.Id, version.Commit, http.Request, tenant, urls))], RestJson.Default.VersionShapeArray);
    }

    /// <summary>How many are asked for; of more than the most, the most.</summary>
    private static int Count(HttpRequest request)
    {
        if (!request.Query.TryGetValue("count", out var values))
        {
            return DefaultCount;
        }

        return values.Count == 1 && long.TryParse(values[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? (int)Math.Min(number, MaxCount)
            : throw new MalformedMessageException("count must be a positive integer");
    }

    private static VersionShape Shape(ObjectId id, GitCommit commit, HttpRequest request, string tenant, RestUrls urls)
    {
        var url = urls.Commit(request, tenant, id);
        return new VersionShape(
            id.ToString(),
            url,
            new VersionCommitShape(
                url,
                AuthorShape.Of(commit.Author),
                AuthorShape.Of(commit.Committer),
                commit.Message,
                new ObjectShape(commit.Tree.ToString(), urls.Tree(request, tenant, commit.Tree))),
            [.. commit.Parents.Select(parent => new ObjectShape(parent.ToString(), urls.Commit(request, tenant, parent)))]);
    }
}
