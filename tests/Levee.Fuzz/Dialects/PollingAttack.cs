using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Levee.Fuzz.Oracle;
using Levee.Fuzz.Wire;

namespace Levee.Fuzz.Dialects;

/// <summary>One Engine.IO session of an attacker by polling: a connection that polls, and one that posts.</summary>
internal sealed class PollingAttack : IDisposable
{
    private static readonly string[] Methods = ["PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE"];

    private readonly Uri _server;
    private readonly SocketIoAnswers _answers;
    private readonly Action<string> _report;
    private readonly RawConnection _polling;
    private readonly RawConnection _posting;
    private Task _polls = Task.CompletedTask;
    private volatile bool _isCut;

    private PollingAttack(Uri server, SocketIoAnswers answers, Action<string> report, RawConnection polling, RawConnection posting) =>
        (_server, _answers, _report, _polling, _posting) = (server, answers, report, polling, posting);

    internal string Sid => _answers.Sid!;

    private string Path => $"/socket.io/?EIO=4&transport=polling&sid={Sid}";

    /// <summary>Opens a session; null when that went wrong, which is reported.</summary>
    internal static async Task<PollingAttack?> OpenAsync(Room room, SocketIoAnswers answers, Action<string> report)
    {
        var polling = await RawConnection.OpenAsync(room.Url);
        var attack = new PollingAttack(room.Url, answers, report, polling, await RawConnection.OpenAsync(room.Url));
        var answer = await attack.RequestAsync(polling, "GET", "/socket.io/?EIO=4&transport=polling", []);
        var wrong = answer?.Status == 200 ? answers.Read(answer.Body, out _) : $"a handshake was answered {answer?.Status}";
        if (wrong is null && answers.Sid is not null)
        {
            return attack;
        }

        report(wrong ?? "a handshake without a sid");
        attack.Dispose();
        return null;
    }

    /// <summary>Polls from now on until the session ends.</summary>
    internal void Start() => _polls = PollAllAsync();

    /// <summary>Posts a body; false when the session has ended.</summary>
    internal async Task<bool> PostAsync(byte[] body, bool isBinary = false)
    {
        var answer = await RequestAsync(_posting, "POST", Path, body, isBinary ? "application/octet-stream" : "text/plain;charset=UTF-8");
        if (answer?.Status == 200 && answer.Body.AsSpan().SequenceEqual("ok"u8))
        {
            return true;
        }

        Check(answer);
        return false;
    }

    /// <summary>What no client does: two polls at once, other methods, another version, an unknown session.</summary>
    /// <returns>False when that may have ended the session.</returns>
    internal async Task<bool> DisturbAsync(Random random)
    {
        switch (random.Next(4))
        {
            case 0:
                // Two polls at once, unless the other one has just come back.
                var poll = await RequestAsync(_posting, "GET", Path, []);
                if (poll?.Status != 200)
                {
                    Check(poll);
                }

                return false;
            case 1:
                var method = Methods[random.Next(Methods.Length)];
                var answer = await RequestAsync(_posting, method, Path, [], hasBody: method != "HEAD");
                if (answer?.Status is not (400 or 204 or 405))
                {
                    _report($"{method} was answered {answer?.Status}");
                }

                return answer?.IsLast == false;
            case 2:
                Check(await RequestAsync(_posting, "POST", $"/socket.io/?EIO={random.Next(7)}&transport=polling&sid=nobody", "40"u8.ToArray()));
                return true;
            default:
                Check(await RequestAsync(_posting, "GET", $"/socket.io/?EIO={random.Next(4)}&transport={(random.Next(2) == 0 ? "polling" : "x%00")}", []));
                return true;
        }
    }

    /// <summary>Ends the session, and waits for the end of its polls.</summary>
    internal async Task CloseAsync()
    {
        _isCut = true;
        _polling.Dispose();
        await _polls;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _isCut = true;
        _polling.Dispose();
        _posting.Dispose();
    }

    private async Task PollAllAsync()
    {
        try
        {
            while (await RequestAsync(_polling, "GET", Path, []) is { } answer)
            {
                if (answer.Status != 200)
                {
                    Check(answer);
                    return;
                }

                foreach (var packet in Split(answer.Body))
                {
                    if (_answers.Read(packet, out _) is { } wrong)
                    {
                        _report($"{wrong}: {Findings.Printable(packet)}");
                    }
                }

                if (answer.Body is [(byte)'2'])
                {
                    await PostPongAsync();
                }

                if (answer.Body is [(byte)'1'])
                {
                    return;
                }
            }
        }
        catch (Exception e) when (_isCut && e is SocketException or IOException or ObjectDisposedException or InvalidDataException)
        {
            // Cut by ourselves.
        }
        catch (Exception e)
        {
            _report($"a poll failed: {e.Message}");
        }
    }

    // On a connection of its own, which is what a second POST at once looks like: the session may end by it.
    private async Task PostPongAsync()
    {
        using var connection = await RawConnection.OpenAsync(_server);
        var answer = await RequestAsync(connection, "POST", Path, "3"u8.ToArray());
        if (answer?.Status != 200)
        {
            Check(answer);
        }
    }

    private void Check(HttpAnswer? answer)
    {
        // The web server itself says so where there is nobody to say anything.
        if (answer?.Status is 400 or 413 && JsonSerializer.Deserialize<JsonElement>(answer.Body) is { ValueKind: JsonValueKind.Object } error
            && error.TryGetProperty("code", out _) && error.TryGetProperty("message", out _))
        {
            return;
        }

        _report($"polling was answered {answer?.Status} {Findings.Printable(answer?.Body ?? [])}");
    }

    private async Task<HttpAnswer?> RequestAsync(
        RawConnection connection, string method, string path, byte[] body, string contentType = "text/plain", bool hasBody = true)
    {
        var length = method == "GET" ? "" : $"Content-Type: {contentType}\r\nContent-Length: {body.Length}\r\n";
        byte[] request = [.. Encoding.ASCII.GetBytes($"{method} {path} HTTP/1.1\r\nHost: {_server.Authority}\r\n{length}\r\n"), .. body];
        await connection.SendAsync(request);
        return await HttpAnswer.ReadAsync(connection, hasBody);
    }

    private static IEnumerable<byte[]> Split(byte[] body)
    {
        for (var start = 0; start <= body.Length;)
        {
            var end = Array.IndexOf(body, (byte)0x1e, start);
            end = end < 0 ? body.Length : end;
            yield return body[start..end];
            start = end + 1;
        }
    }
}
