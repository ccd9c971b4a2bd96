using System.Text;
using System.Text.Json;

namespace Levee.Protocol;

/// <summary>
/// The envelope in which a stock Fluid runtime expects every signal: <c>{address?, contents: {type, content}}</c>. Without an address the
/// container itself raises the signal; with one, the data store or the extension of that name does.
/// </summary>
internal static class FluidEnvelope
{
    /// <summary>Whether a stock runtime can read <paramref name="json"/>: it takes the members of <c>contents</c> and the letters of <c>address</c> unasked.</summary>
    public static bool IsEnvelope(ReadOnlyMemory<byte> json) =>
        JsonReading.TryGetMember(json, "contents"u8, out var contents) && IsObject(contents)
        && (!JsonReading.TryGetMember(json, "address"u8, out var address) || JsonReading.TextOf(address) is not null);

    /// <summary>An envelope without an address, around content that came without one.</summary>
    public static byte[] Wrap(string type, ReadOnlyMemory<byte> content) => JsonWriting.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteStartObject("contents");
        writer.WriteString("type", type);
        writer.WriteRaw("content", content);
        writer.WriteEndObject();
        writer.WriteEndObject();
    });

    /// <summary>Writes JSON as the text of a JSON string.</summary>
    public static void WriteAsText(this Utf8JsonWriter writer, string name, ReadOnlyMemory<byte> json) =>
        // By way of a string, which can not fail: bytes that are no text become U+FFFD.
        writer.WriteString(name, Encoding.UTF8.GetString(json.Span));

    /// <summary>The JSON object that is the text of the JSON string <paramref name="text"/>; false when it holds something else.</summary>
    public static bool TryReadObject(ReadOnlyMemory<byte> text, out ReadOnlyMemory<byte> json)
    {
        json = default;
        if (JsonReading.TextOf(text) is not { } inside)
        {
            return false;
        }

        json = Encoding.UTF8.GetBytes(inside);
        return JsonReading.IsWhole(json, JsonTokenType.StartObject);
    }

    /// <summary>Whether a value that was read from JSON is an object.</summary>
    public static bool IsObject(ReadOnlyMemory<byte> json) => json is { IsEmpty: false } && json.Span[0] == (byte)'{';
}
