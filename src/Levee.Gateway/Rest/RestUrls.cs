using Levee.Protocol.Git;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.Extensions.Options;

namespace Levee.Gateway.Rest;

/// <summary>The addresses in answers: under the configured public one, or under that of the request.</summary>
internal sealed class RestUrls(IOptions<RestOptions> options)
{
    private readonly string? _public = options.Value.PublicUrl?.TrimEnd('/');

    /// <summary>The service's own address, without a slash at the end.</summary>
    public string Base(HttpRequest request) =>
        _public ?? UriHelper.BuildAbsolute(request.Scheme, request.Host, request.PathBase).TrimEnd('/');

    /// <summary>Where a blob is served.</summary>
    public string Blob(HttpRequest request, string tenant, ObjectId id) => $"{Git(request, tenant)}/blobs/{id}";

    /// <summary>Where a tree is served.</summary>
    public string Tree(HttpRequest request, string tenant, ObjectId id) => $"{Git(request, tenant)}/trees/{id}";

    /// <summary>Where a commit is served.</summary>
    public string Commit(HttpRequest request, string tenant, ObjectId id) => $"{Git(request, tenant)}/commits/{id}";

    /// <summary>Where a ref is served.</summary>
    /// <param name="request">The request that is answered.</param>
    /// <param name="tenant">The tenant.</param>
    /// <param name="name">The full name, such as <c>refs/heads/main</c>: its characters need no escapes in a path.</param>
    public string Ref(HttpRequest request, string tenant, string name) => $"{Git(request, tenant)}/{name}";

    private string Git(HttpRequest request, string tenant) => $"{Base(request)}/repos/{Uri.EscapeDataString(tenant)}/git";
}
