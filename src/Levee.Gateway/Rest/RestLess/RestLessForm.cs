using System.Buffers;
using System.Collections.Frozen;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Levee.Gateway.Rest;

/// <summary>
/// What stands before the body in a RestLess form: <c>method</c>, once, and a <c>header</c> for each header, <c>Name: value</c>. Other fields
/// are passed over.
/// </summary>
internal sealed class RestLessForm
{
    /// <summary>The most bytes before the body: room for a token of the default greatest length with every byte escaped.</summary>
    public const int MaxHeadBytes = 64 * 1024;

    private const int MaxHeaders = 32;
    private const int MaxNameLength = 128;
    private const int MaxValueLength = 32 * 1024;

    // A route that answers HEAD leaves the body out only if the server itself knows of the method, so that one is not taken.
    private static readonly FrozenSet<string> Methods = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase, HttpMethods.Get, HttpMethods.Post, HttpMethods.Put, HttpMethods.Patch, HttpMethods.Delete);

    /// <summary>
    /// The headers that a form may set: what routes read, and what drivers say of themselves. A list of the allowed, since one of the
    /// forbidden would have to name every header that the server, a proxy or a later middleware trusts: Host, Content-Length,
    /// Transfer-Encoding, Connection, Upgrade, Forwarded, X-Forwarded-*, Origin, Cookie ...
    /// </summary>
    private static readonly FrozenSet<string> Allowed = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase, "Authorization", "Content-Type", "x-driver-version", "x-correlation-id");

    // RFC 9110, 5.6.2.
    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly Dictionary<string, string> _headers = new(StringComparer.OrdinalIgnoreCase);
    private string? _method;
    private int _headerCount;
    private long _bytes;

    /// <summary>The real method, in capitals.</summary>
    public string Method => _method!;

    /// <summary>The allowed headers; the last of a name counts.</summary>
    public IReadOnlyDictionary<string, string> Headers => _headers;

    /// <summary>Whether a body follows, still to be read and decoded.</summary>
    public bool HasBody { get; private set; }

    /// <summary>Reads up to the body, or to the end of a form without one.</summary>
    /// <exception cref="BadHttpRequestException">The form can not be used: 400, or 431 when it is too long; the message says why.</exception>
    public static async ValueTask<RestLessForm> ReadAsync(PipeReader reader, CancellationToken cancellationToken)
    {
        var form = new RestLessForm();
        for (var isRead = false; !isRead;)
        {
            var result = await ReadMoreAsync(reader, cancellationToken);
            var buffer = result.Buffer;
            try
            {
                isRead = form.TakeFields(ref buffer, result.IsCompleted);
                if (!isRead && form._bytes + buffer.Length > MaxHeadBytes)
                {
                    throw TooLong();
                }
            }
            finally
            {
                // Also of a malformed form: the server reads on to its end.
                reader.AdvanceTo(buffer.Start, isRead ? buffer.Start : buffer.End);
            }
        }

        return form._method is null ? throw Malformed("has no method field") : form;
    }

    private static async ValueTask<ReadResult> ReadMoreAsync(PipeReader reader, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadAsync(cancellationToken);
        }
        catch (IOException e) when (e is not BadHttpRequestException)
        {
            throw RestErrors.BrokenBody(e);
        }
    }

    /// <summary>Takes whole fields off the front; true when no more are to come before the body.</summary>
    private bool TakeFields(ref ReadOnlySequence<byte> buffer, bool isCompleted)
    {
        while (true)
        {
            var reader = new SequenceReader<byte>(buffer);
            if (reader.IsNext("body="u8, advancePast: true))
            {
                buffer = buffer.Slice(reader.Position);
                HasBody = true;
                return true;
            }

            var end = buffer.PositionOf((byte)'&');
            if (end is null && !isCompleted)
            {
                return false;
            }

            TakeField(end is { } field ? buffer.Slice(0, field) : buffer);
            buffer = buffer.Slice(end is { } separator ? buffer.GetPosition(1, separator) : buffer.End);
            if (end is null)
            {
                return true;
            }
        }
    }

    private void TakeField(ReadOnlySequence<byte> field)
    {
        _bytes += field.Length + 1;
        if (_bytes > MaxHeadBytes)
        {
            throw TooLong();
        }

        var bytes = field.ToArray();
        var split = bytes.AsSpan().IndexOf((byte)'=');
        var name = split < 0 ? bytes : bytes.AsSpan(0, split);
        var value = split < 0 ? [] : bytes.AsSpan(split + 1);
        if (name.SequenceEqual("method"u8))
        {
            TakeMethod(Text(value, "method"));
        }
        else if (name.SequenceEqual("header"u8))
        {
            TakeHeader(Text(value, "header"));
        }
    }

    private void TakeMethod(string text)
    {
        if (_method is not null)
        {
            throw Malformed("has more than one method field");
        }

        _method = Methods.TryGetValue(text, out var method) ? method : throw Malformed($"must have one of the methods {string.Join(", ", Methods.Order())}");
    }

    private void TakeHeader(string text)
    {
        if (++_headerCount > MaxHeaders)
        {
            throw new BadHttpRequestException(
                $"A RestLess form must not have more than {MaxHeaders} header fields", StatusCodes.Status431RequestHeaderFieldsTooLarge);
        }

        // All are checked, also those that are passed over: what is malformed is a defect that its maker should see.
        var colon = text.IndexOf(':');
        var name = colon < 0 ? "" : text[..colon];
        if (name.Length is 0 or > MaxNameLength || name.AsSpan().ContainsAnyExcept(NameCharacters))
        {
            throw Malformed($"must have header fields of the form Name: value, with a name of at most {MaxNameLength} characters");
        }

        var value = text[(colon + 1)..].Trim(' ', '\t');
        if (value.Length > MaxValueLength || value.Any(character => char.IsControl(character) && character != '\t'))
        {
            throw Malformed($"must have header fields of at most {MaxValueLength} characters, without control characters");
        }

        if (Allowed.TryGetValue(name, out var known))
        {
            _headers[known] = value;
        }
    }

    private static string Text(Span<byte> encoded, string field)
    {
        try
        {
            return FormEncoding.TryDecodeInPlace(encoded, out var length)
                ? Utf8.GetString(encoded[..length])
                : throw Malformed($"has a {field} field with a % that no two hex digits follow");
        }
        catch (DecoderFallbackException)
        {
            throw Malformed($"has a {field} field that is not UTF-8");
        }
    }

    internal static BadHttpRequestException Malformed(string problem) => new($"A RestLess form {problem}", StatusCodes.Status400BadRequest);

    private static BadHttpRequestException TooLong() => new(
        $"A RestLess form must not have more than {MaxHeadBytes} bytes before its body, which comes last",
        StatusCodes.Status431RequestHeaderFieldsTooLarge);
}
