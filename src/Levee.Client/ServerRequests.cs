using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Levee.Protocol;

namespace Levee.Client;

/// <summary>The HTTP requests of a client: each with a fresh token, and once more with another when that one is refused.</summary>
internal sealed class ServerRequests(LeveeClientOptions options) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = WithSlash(options.ServerUrl), Timeout = options.ConnectTimeout };

    public async Task<string> CreateDocumentAsync(string? documentId, ReadOnlyMemory<byte> summary, CancellationToken cancellationToken)
    {
        var body = JsonWriting.Write(writer =>
        {
            writer.WriteStartObject();
            if (documentId is not null)
            {
                writer.WriteString("id", documentId);
            }

            if (!summary.IsEmpty)
            {
                writer.WriteRaw("summary", summary);
                writer.WriteNumber("sequenceNumber", 0);
            }

            writer.WriteEndObject();
        });
        var answer = await SendAsync(documentId ?? "", () => new HttpRequestMessage(HttpMethod.Post, $"documents/{Part(options.TenantId)}")
        {
            Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
        }, cancellationToken);
        return JsonReading.TextOf(answer) ?? throw new LeveeTransportException("The server did not name the new document.");
    }

    /// <summary>Reads the messages after <paramref name="after"/>, up to <paramref name="through"/> or the server's page size.</summary>
    public async Task<List<SequencedMessage>> ReadDeltasAsync(
        string documentId, long after, long through, CancellationToken cancellationToken)
    {
        var path = $"deltas/{Part(options.TenantId)}/{Part(documentId)}?from={after}&to={through}";
        var answer = await SendAsync(documentId, () => new HttpRequestMessage(HttpMethod.Get, path), cancellationToken);
        return Messages.ReadMember(answer, "value"u8);
    }

    public void Dispose() => _http.Dispose();

    private static Uri WithSlash(Uri server) => new(server.AbsoluteUri.TrimEnd('/') + "/");

    private static string Part(string text) => Uri.EscapeDataString(text);

    private async Task<byte[]> SendAsync(string documentId, Func<HttpRequestMessage> make, CancellationToken cancellationToken)
    {
        var answer = await SendOnceAsync(documentId, make, cancellationToken);
        if (answer.Status == HttpStatusCode.Unauthorized && options.TokenProvider is not null)
        {
            answer = await SendOnceAsync(documentId, make, cancellationToken);
        }

        return (int)answer.Status is >= 200 and < 300
            ? answer.Body
            : throw new LeveeRefusedException((int)answer.Status, answer.Status.ToString(), ErrorOf(answer.Body));
    }

    private async Task<(HttpStatusCode Status, byte[] Body)> SendOnceAsync(
        string documentId, Func<HttpRequestMessage> make, CancellationToken cancellationToken)
    {
        using var request = make();
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await options.GetTokenAsync(documentId, cancellationToken));
        try
        {
            using var response = await _http.SendAsync(request, cancellationToken);
            return (response.StatusCode, await response.Content.ReadAsByteArrayAsync(cancellationToken));
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new LeveeTransportException($"{options.ServerUrl} did not answer.", e);
        }
    }

    /// <summary>The sentence of <c>{"error": "..."}</c>.</summary>
    private static string ErrorOf(byte[] body)
    {
        try
        {
            return JsonReading.TryGetMember(body, "error"u8, out var error) && JsonReading.TextOf(error) is { } text ? text : "The server refused";
        }
        catch (JsonException)
        {
            // Something between us and the server answered in its own words.
            return "The server refused";
        }
    }
}
