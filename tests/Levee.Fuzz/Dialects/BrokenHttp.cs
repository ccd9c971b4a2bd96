using System.Text;

namespace Levee.Fuzz.Dialects;

/// <summary>Requests that are no good HTTP: lengths that lie, chunks, headers beyond bounds, lines that are none.</summary>
internal static class BrokenHttp
{
    internal static RestRequest Of(RestRequest request, Random random)
    {
        var body = request.Body.Length == 0 ? "{}"u8.ToArray() : request.Body;
        var head = $"{request.Method} {request.Target} HTTP/1.1\r\nHost: x\r\n{string.Concat(request.Headers.Select(header => $"{header}\r\n"))}";
        return random.Next(16) switch
        {
            0 => Raw(request, $"{head}Content-Length: {body.Length + 10}\r\n\r\n", body) with { IsUnfinished = true },
            1 => Raw(request, $"{head}Content-Length: {body.Length / 2}\r\n\r\n", body),
            2 => Raw(request, $"{head}Transfer-Encoding: chunked\r\n\r\n", Chunks(body, random)),
            3 => Raw(request, $"{head}Transfer-Encoding: chunked\r\n\r\n", "zz\r\n"u8.ToArray()),
            4 => Raw(request, $"{head}Transfer-Encoding: chunked\r\n\r\n", "ffff\r\nabc"u8.ToArray()) with { IsUnfinished = true },
            5 => Raw(request, $"{head}Transfer-Encoding: gzip, chunked\r\nContent-Length: 3\r\n\r\n", body),
            6 => Raw(request, $"{head}Content-Length: -1\r\n\r\n", body),
            7 => Raw(request, $"{head}Content-Length: 2\r\nContent-Length: 3\r\n\r\n", body),
            8 => Raw(request, $"{head}X: {new string('x', 40_000)}\r\n\r\n", []),
            9 => Raw(request, $"{head}{string.Concat(Enumerable.Range(0, 120).Select(i => $"X{i}: y\r\n"))}\r\n", []),
            10 => Raw(request, $"GET /{new string('x', 9000)} HTTP/1.1\r\nHost: x\r\n\r\n", []),
            11 => Raw(request, $"{request.Method} {request.Target}\u00ff\u0000 x HTTP/1.1\r\nHost: x\r\n\r\n", []),
            12 => Raw(request, $"{request.Method} {request.Target} HTTP/{random.Next(4)}.{random.Next(4)}\r\nHost: x\r\nConnection: close\r\n\r\n", []),
            13 => Raw(request, "GET http://elsewhere/health HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", []),
            14 => Raw(request, $"{head}Name\u0000: x\r\n: y\r\n\r\n", []),
            _ => Raw(request, $"{head}Expect: 100-continue\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n", body),
        };
    }

    private static RestRequest Raw(RestRequest request, string head, byte[] body) =>
        request with { Raw = [.. Encoding.Latin1.GetBytes(head), .. body] };

    private static byte[] Chunks(byte[] body, Random random)
    {
        using var chunks = new MemoryStream();
        for (var start = 0; start < body.Length;)
        {
            var length = Math.Min(body.Length - start, random.Next(1, 200));
            chunks.Write(Encoding.ASCII.GetBytes($"{length:x}{(random.Next(5) == 0 ? ";x=y" : "")}\r\n"));
            chunks.Write(body, start, length);
            chunks.Write("\r\n"u8);
            start += length;
        }

        chunks.Write("0\r\n\r\n"u8);
        return chunks.ToArray();
    }
}
