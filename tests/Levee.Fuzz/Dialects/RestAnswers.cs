using System.Collections.Frozen;
using System.Text;
using System.Text.Json;
using Levee.Fuzz.Wire;
using Levee.Testing;

namespace Levee.Fuzz.Dialects;

/// <summary>What section 4 of the contract lets a server answer.</summary>
internal static class RestAnswers
{
    private static readonly FrozenSet<int> Statuses = FrozenSet.Create(200, 201, 204, 302, 400, 401, 403, 404, 405, 409, 413, 431);

    // What the web server says by itself of requests that are no HTTP.
    private static readonly FrozenSet<int> ServersOwn = FrozenSet.Create(400, 408, 411, 413, 414, 431, 501, 505);

    /// <summary>What is wrong with an answer; null when nothing is.</summary>
    internal static string? Wrong(RestRequest request, HttpAnswer answer)
    {
        if (!Statuses.Contains(answer.Status) && !(request.Raw is not null && ServersOwn.Contains(answer.Status)))
        {
            return $"answered {answer.Status}";
        }

        var text = Encoding.UTF8.GetString(answer.Body);
        if (text.Contains("   at ", StringComparison.Ordinal) || text.Contains(TestTenants.Default.Secret, StringComparison.Ordinal))
        {
            return "an answer that tells of the server's inside";
        }

        return answer.Status < 400 ? WrongSuccess(answer, text) : WrongError(request, answer, text);
    }

    private static string? WrongSuccess(HttpAnswer answer, string text) =>
        answer.Body.Length == 0 || (IsJson(answer) && IsValid(text)) ? null : "a success that is no JSON";

    private static string? WrongError(RestRequest request, HttpAnswer answer, string text)
    {
        if (answer.Body.Length == 0)
        {
            // The web server's own: a NUL in the path, a line that is none. It ends the connection then, which nothing of ours does.
            return answer.IsLast || request.Method == "HEAD" ? null : $"a {answer.Status} without a body";
        }

        if (!IsJson(answer) || !IsValid(text))
        {
            return $"a {answer.Status} that is no JSON";
        }

        using var error = JsonDocument.Parse(text);
        return error.RootElement.TryGetProperty("error", out var message) && message.ValueKind == JsonValueKind.String && message.GetString()!.Length > 0
            ? null
            : $"a {answer.Status} that is no error";
    }

    private static bool IsJson(HttpAnswer answer) => answer.Header("content-type").StartsWith("application/json", StringComparison.Ordinal);

    private static bool IsValid(string text)
    {
        try
        {
            using var parsed = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 1000 });
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
