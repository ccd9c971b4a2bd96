namespace Levee.Faults.Clients;

/// <summary>Creates documents as drivers do, with an initial summary in their form.</summary>
internal static class NewDocument
{
    public static Task CreateAsync(ServerApi server, string id, RestClientKind kind, CancellationToken cancellationToken) => server.SendAsync(
        HttpMethod.Post, $"/documents/{ServerApi.Tenant}", new { id, summary = InitialSummary(kind), sequenceNumber = 0 }, id, kind, cancellationToken);

    private static object InitialSummary(RestClientKind kind)
    {
        if (kind == RestClientKind.Levee)
        {
            var kept = Tree("kept", Tree("body", new { type = 2, content = SummaryUpload.InitialKept }));
            return new { type = 1, tree = new Dictionary<string, object> { [".app"] = Tree(".channels", kept), [".protocol"] = Tree() } };
        }

        var blob = new { type = "blob", content = SummaryUpload.InitialKept, encoding = "utf-8" };
        return Entries(".channels", "tree", Entries("kept", "tree", Entries("body", "blob", blob)));
    }

    private static object Tree(string? name = null, object? child = null) =>
        new { type = 1, tree = name is null ? [] : new Dictionary<string, object?> { [name] = child } };

    private static object Entries(string path, string type, object value) => new { type = "tree", entries = new[] { new { path, type, value } } };
}
