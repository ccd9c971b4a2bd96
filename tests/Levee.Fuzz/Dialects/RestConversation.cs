using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Levee.Fuzz.Oracle;
using Levee.Fuzz.Wire;

namespace Levee.Fuzz.Dialects;

/// <summary>An attacker that sends HTTP requests, one after the other on a connection that lasts as long as the server lets it.</summary>
internal sealed class RestConversation(Room room, Findings findings, long number, Random random)
    : Conversation(room, findings, Name, number, random)
{
    internal const string Name = "rest";

    private readonly RestRequests _requests = new(room, random);

    /// <inheritdoc/>
    private protected override async Task ConnectAndSendAsync(int inputs)
    {
        using var connection = await RawConnection.OpenAsync(Room.Url);
        for (var sent = 0; sent < inputs && !HasReported; sent++)
        {
            var request = _requests.Next();
            if (!await (request.Raw is null ? SendAsync(connection, request) : BreakAsync(connection, request)))
            {
                return;
            }

            await PulseAsync();
        }
    }

    /// <returns>Whether the connection can be used again.</returns>
    private async Task<bool> SendAsync(RawConnection connection, RestRequest request)
    {
        var length = request.Body.Length > 0 || request.Method is "POST" or "PATCH" or "PUT" ? $"Content-Length: {request.Body.Length}\r\n" : "";
        var head = $"{request.Method} {request.Target} HTTP/1.1\r\nHost: {Room.Url.Authority}\r\n{length}{string.Concat(request.Headers.Select(header => $"{header}\r\n"))}\r\n";
        byte[] bytes = [.. Encoding.Latin1.GetBytes(head), .. request.Body];
        Count(bytes);
        await connection.SendAsync(bytes);
        if (await HttpAnswer.ReadAsync(connection, hasBody: request.Method != "HEAD") is not { } answer)
        {
            Report("the connection ended without an answer");
            return false;
        }

        Check(request, answer);
        return !answer.IsLast;
    }

    private async Task<bool> BreakAsync(RawConnection connection, RestRequest request)
    {
        Count(request.Raw!);
        try
        {
            await connection.SendAsync(request.Raw!);
            if (!request.IsUnfinished && await HttpAnswer.ReadAsync(connection, hasBody: request.Method != "HEAD") is { } answer)
            {
                Check(request, answer);
            }
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            // The web server lets go of a connection that speaks no HTTP, read or not.
        }

        return false;
    }

    private void Check(RestRequest request, HttpAnswer answer)
    {
        if (RestAnswers.Wrong(request, answer) is { } wrong)
        {
            Report($"{wrong}: {request.Method} {request.Target} {answer.Status} {Findings.Printable(answer.Body)}");
        }
        else if (answer.Status == 201)
        {
            Learn(answer.Body);
        }
    }

    private void Learn(byte[] body)
    {
        using var made = JsonDocument.Parse(body);
        if (made.RootElement.ValueKind == JsonValueKind.Object
            && (made.RootElement.TryGetProperty("sha", out var sha) || made.RootElement.TryGetProperty("id", out sha)))
        {
            _requests.Learn(sha.GetString()!);
        }
    }
}
