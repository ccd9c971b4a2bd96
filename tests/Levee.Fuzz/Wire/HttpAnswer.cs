using System.Globalization;

namespace Levee.Fuzz.Wire;

/// <summary>An HTTP response as it was read.</summary>
/// <param name="Status">The status.</param>
/// <param name="Headers">By lower-case name; of several of a name the last.</param>
/// <param name="Body">The body.</param>
internal sealed record HttpAnswer(int Status, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    /// <summary>Whether the server ends the connection after it.</summary>
    internal bool IsLast => Header("connection").Contains("close", StringComparison.OrdinalIgnoreCase);

    internal string Header(string name) => Headers.GetValueOrDefault(name, "");

    /// <summary>Reads one; null when the connection ends without.</summary>
    /// <param name="connection">Where.</param>
    /// <param name="hasBody">False for the answer to a HEAD.</param>
    /// <exception cref="InvalidDataException">What came is no HTTP.</exception>
    internal static async ValueTask<HttpAnswer?> ReadAsync(RawConnection connection, bool hasBody = true)
    {
        while (await connection.ReadLineAsync() is { } line)
        {
            var parts = line.Split(' ', 3);
            if (parts.Length < 2 || !parts[0].StartsWith("HTTP/1.", StringComparison.Ordinal) || !int.TryParse(parts[1], out var status))
            {
                throw new InvalidDataException($"no status line: {line}");
            }

            var headers = await ReadHeadersAsync(connection);
            if (status != 100)
            {
                var bodyless = !hasBody || status is 101 or 204 or 304;
                return new HttpAnswer(status, headers, bodyless ? [] : await ReadBodyAsync(connection, headers));
            }
        }

        return null;
    }

    private static async ValueTask<Dictionary<string, string>> ReadHeadersAsync(RawConnection connection)
    {
        var headers = new Dictionary<string, string>(StringComparer.Ordinal);
        while (await connection.ReadLineAsync() is { Length: > 0 } header)
        {
            var colon = header.IndexOf(':', StringComparison.Ordinal);
            headers[header[..colon].ToLowerInvariant()] = header[(colon + 1)..].Trim();
        }

        return headers;
    }

    private static async ValueTask<byte[]> ReadBodyAsync(RawConnection connection, Dictionary<string, string> headers)
    {
        if (headers.TryGetValue("content-length", out var length))
        {
            return await connection.ReadAsync(int.Parse(length, CultureInfo.InvariantCulture)) ?? throw CutOff();
        }

        if (!headers.ContainsKey("transfer-encoding"))
        {
            return await connection.ReadToEndAsync();
        }

        using var body = new MemoryStream();
        while (true)
        {
            var size = int.Parse(await connection.ReadLineAsync() ?? throw CutOff(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            body.Write(await connection.ReadAsync(size) ?? throw CutOff());
            await connection.ReadLineAsync();
            if (size == 0)
            {
                return body.ToArray();
            }
        }
    }

    private static InvalidDataException CutOff() => new("the connection ended within an answer");
}
