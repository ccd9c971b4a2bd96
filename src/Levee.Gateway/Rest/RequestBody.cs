using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using Levee.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Levee.Gateway.Rest;

/// <summary>
/// A request's body, a JSON object, whatever content type it claims: read once into a pooled buffer, checked once, and taken apart into
/// the bytes of its members. Members that a route does not know are passed over, since clients send some that only other services read. What
/// is taken from it lives until it is disposed.
/// </summary>
internal sealed class RequestBody : IDisposable
{
    private const int FirstBytes = 16 * 1024;
    private const int MaxMembers = 256;
    private const int UsualMaxDepth = 64;

    private readonly Dictionary<string, ReadOnlyMemory<byte>> _members = new(StringComparer.Ordinal);
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(FirstBytes);
    private int _length;

    private RequestBody()
    {
    }

    /// <summary>Reads and checks the body.</summary>
    /// <exception cref="BadHttpRequestException">It has more than <paramref name="limit"/> bytes (413), or does not come whole (400).</exception>
    /// <exception cref="JsonException">It is no JSON, or nested too deeply.</exception>
    /// <exception cref="MalformedMessageException">It is no object.</exception>
    public static async Task<RequestBody> ReadAsync(HttpContext http, int limit, int maxDepth = UsualMaxDepth)
    {
        var body = new RequestBody();
        try
        {
            await body.FillAsync(http, limit);
            body.Parse(maxDepth);
            return body;
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    /// <summary>For routes where a member that is misspelt, or null by mistake, would be worse than refused.</summary>
    /// <exception cref="MalformedMessageException">There is another member than these, or one of them is <c>null</c>.</exception>
    public void RequireOnly(params ReadOnlySpan<string> names)
    {
        foreach (var (name, value) in _members)
        {
            if (!names.Contains(name))
            {
                throw new MalformedMessageException($"The body may have only these members: {string.Join(", ", names)}");
            }

            if (value.Span[0] == (byte)'n')
            {
                throw new MalformedMessageException($"{name} must not be null; leave it out instead");
            }
        }
    }

    /// <summary>A member's bytes; null when it is missing or <c>null</c>.</summary>
    public ReadOnlyMemory<byte>? Member(string name) =>
        // Without its type, null would become an empty memory: there is a conversion from arrays.
        _members.TryGetValue(name, out var value) && value.Span[0] != (byte)'n' ? value : default(ReadOnlyMemory<byte>?);

    /// <summary>A member that must be there.</summary>
    public ReadOnlyMemory<byte> Require(string name) =>
        Member(name) ?? throw new MalformedMessageException($"Missing required field: {name}");

    /// <summary>A string; null when it is missing.</summary>
    public string? Text(string name) => Member(name) is not { } value
        ? null
        : JsonReading.TextOf(value) ?? throw new MalformedMessageException($"{name} must be a string");

    /// <summary>A string that must be there.</summary>
    public string RequireText(string name) => Text(name) ?? throw new MalformedMessageException($"Missing required field: {name}");

    /// <summary>An integer; null when it is missing.</summary>
    public long? Integer(string name)
    {
        if (Member(name) is not { } value)
        {
            return null;
        }

        var reader = new Utf8JsonReader(value.Span);
        reader.Read();
        return reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var number)
            ? number
            : throw new MalformedMessageException($"{name} must be an integer");
    }

    /// <summary>A boolean; false when it is missing.</summary>
    public bool Flag(string name) => Member(name) is { } value && (value.Span[0] is (byte)'t' or (byte)'f'
        ? value.Span[0] == (byte)'t'
        : throw new MalformedMessageException($"{name} must be true or false"));

    /// <inheritdoc/>
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _members.Clear();
    }

    private async Task FillAsync(HttpContext http, int limit)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } maximum)
        {
            maximum.MaxRequestBodySize = limit;
        }

        int read;
        while ((read = await ReadAsync(http)) > 0)
        {
            _length += read;
            if (_length > limit)
            {
                throw new BadHttpRequestException("Request body too large", StatusCodes.Status413PayloadTooLarge);
            }

            if (_length == _buffer.Length)
            {
                Grow();
            }
        }
    }

    private async ValueTask<int> ReadAsync(HttpContext http)
    {
        try
        {
            return await http.Request.Body.ReadAsync(_buffer.AsMemory(_length), http.RequestAborted);
        }
        catch (IOException e) when (e is not BadHttpRequestException)
        {
            throw RestErrors.BrokenBody(e);
        }
    }

    private void Grow()
    {
        var larger = ArrayPool<byte>.Shared.Rent(2 * _buffer.Length);
        _buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }

    private void Parse(int maxDepth)
    {
        var json = _buffer.AsMemory(0, _length);
        if (!Utf8.IsValid(json.Span))
        {
            throw new JsonException();
        }

        var reader = new Utf8JsonReader(json.Span, new JsonReaderOptions { MaxDepth = maxDepth });
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new MalformedMessageException("Request body must be a JSON object");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.TryGetText() ?? throw new JsonException();
            _members[name] = JsonReading.ReadValue(ref reader, json);
            if (_members.Count > MaxMembers)
            {
                throw new MalformedMessageException($"Request body must not have more than {MaxMembers} members");
            }
        }

        // Nothing but white space may follow.
        reader.Read();
    }
}
