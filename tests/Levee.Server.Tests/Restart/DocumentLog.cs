using System.Net.Http.Headers;
using System.Text.Json;
using Levee.Testing;

namespace Levee.Server.Tests.Restart;

/// <summary>A document's history as the server tells it over HTTP, page by page: the raw JSON of every message.</summary>
internal sealed class DocumentLog
{
    private readonly List<string> _messages = [];

    /// <summary>The messages as they came; the one with sequence number n is at n - 1.</summary>
    public IReadOnlyList<string> Messages => _messages;

    /// <summary>The contents of the ops of clients, strings or else JSON, with their sequence numbers.</summary>
    public IReadOnlyList<(string Contents, long SequenceNumber)> Ops { get; private set; } = [];

    /// <summary>Who joined and has not left, by client id.</summary>
    public IReadOnlySet<string> Present { get; private set; } = new HashSet<string>();

    /// <summary>Reads the history, and sees that its numbers are 1, 2, 3 and so on.</summary>
    public static async Task<DocumentLog> ReadAsync(Uri server, string documentId, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = server };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", TestTokens.ReadOnly(documentId));
        var log = new DocumentLog();
        while (await log.ReadPageAsync(http, documentId, cancellationToken))
        {
        }

        log.Interpret();
        return log;
    }

    private async Task<bool> ReadPageAsync(HttpClient http, string documentId, CancellationToken cancellationToken)
    {
        var json = await http.GetStringAsync($"/deltas/{TestTenants.Default.Id}/{documentId}?from={_messages.Count}", cancellationToken);
        using var page = JsonDocument.Parse(json);
        var before = _messages.Count;
        _messages.AddRange(page.RootElement.GetProperty("value").EnumerateArray().Select(message => message.GetRawText()));
        return _messages.Count > before;
    }

    private static string TextOf(JsonElement message) => message.TryGetProperty("contents", out var contents)
        ? contents.ValueKind == JsonValueKind.String ? contents.GetString()! : contents.GetRawText()
        : "";

    private void Interpret()
    {
        var ops = new List<(string, long)>();
        var present = new HashSet<string>();
        for (var i = 0; i < _messages.Count; i++)
        {
            using var message = JsonDocument.Parse(_messages[i]);
            var root = message.RootElement;
            Assert.Equal(i + 1, root.GetProperty("sequenceNumber").GetInt64());
            switch (root.GetProperty("type").GetString())
            {
                case "op":
                    ops.Add((TextOf(root), i + 1));
                    break;
                case "join":
                    using (var join = JsonDocument.Parse(root.GetProperty("data").GetString()!))
                    {
                        Assert.True(present.Add(join.RootElement.GetProperty("clientId").GetString()!), "a client joined twice");
                    }

                    break;
                case "leave":
                    var left = JsonSerializer.Deserialize<string>(root.GetProperty("data").GetString()!)!;
                    Assert.True(present.Remove(left), "a client left that was not there");
                    break;
            }
        }

        (Ops, Present) = (ops, present);
    }
}
