using System.Net.Http.Headers;
using System.Text;

namespace Levee.Gateway.Tests.Rest;

/// <summary>A RestLess form as the routerlicious driver writes it, or as somebody else might.</summary>
public sealed class RestLessContent(string? method)
{
    private readonly StringBuilder _text = new(method is null ? "" : $"method={Escape(method)}");

    public RestLessContent Header(string name, string value) => Field("header", $"{name}: {value}");

    public RestLessContent Body(string json) => Field("body", json);

    public RestLessContent Field(string name, string value) => Raw($"{name}={Escape(value)}");

    /// <summary>Adds text that is encoded already, or not as it should be.</summary>
    public RestLessContent Raw(string text)
    {
        _text.Append(_text.Length == 0 ? "" : "&").Append(text);
        return this;
    }

    public HttpContent ToContent(string contentType = "application/x-www-form-urlencoded;restless")
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(_text.ToString()));
        content.Headers.ContentType = MediaTypeHeaderValue.TryParse(contentType, out var parsed) ? parsed : null;
        if (parsed is null)
        {
            content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }

        return content;
    }

    /// <summary>As JavaScript's <c>URLSearchParams</c>.</summary>
    private static string Escape(string text) => Uri.EscapeDataString(text).Replace("%20", "+", StringComparison.Ordinal).Replace("%2A", "*", StringComparison.Ordinal);
}
