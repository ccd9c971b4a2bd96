using System.Text.Json;

namespace Levee.Faults.Record;

/// <summary>A document's log as REST tells it, page by page.</summary>
internal sealed class DeltaReader(ServerApi server, string documentId)
{
    // What drivers ask for at a time.
    private const int Page = 2000;

    /// <summary>Reads the messages after a number, as far as there are any.</summary>
    public async Task ReadAsync(long after, RestClientKind kind, Action<JsonElement> take, CancellationToken cancellationToken)
    {
        while (true)
        {
            var page = await ReadPageAsync(after, after + Page, kind, cancellationToken);
            if (page.GetArrayLength() == 0)
            {
                return;
            }

            foreach (var message in page.EnumerateArray())
            {
                take(message);
                after = message.GetProperty("sequenceNumber").GetInt64();
            }
        }
    }

    /// <summary>The messages after a number, through another one or as many as the server gives.</summary>
    public async Task<JsonElement> ReadPageAsync(long after, long through, RestClientKind kind, CancellationToken cancellationToken)
    {
        // A driver's bound is exclusive.
        var to = kind == RestClientKind.Fluid ? through + 1 : through;
        var answer = await server.GetAsync($"/deltas/{ServerApi.Tenant}/{documentId}?from={after}&to={to}", documentId, kind, cancellationToken);
        return kind == RestClientKind.Fluid ? answer : answer.GetProperty("value");
    }
}
