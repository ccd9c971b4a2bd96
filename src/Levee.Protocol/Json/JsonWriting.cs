using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Levee.Protocol;

/// <summary>How the service writes JSON of its own: compact, and with no more escapes than JSON demands.</summary>
public static class JsonWriting
{
    /// <summary>Input of <see cref="Utf8JsonWriter.WriteRawValue(ReadOnlySpan{byte}, bool)"/> was read from JSON before, so it is not validated again.</summary>
    private static readonly JsonWriterOptions Options =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Runs <paramref name="write"/> on a fresh writer and returns the bytes.</summary>
    public static byte[] Write(Action<Utf8JsonWriter> write)
    {
        var output = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(output, Options))
        {
            write(writer);
        }

        return output.WrittenSpan.ToArray();
    }

    /// <summary>Writes a member whose value is JSON text already.</summary>
    public static void WriteRaw(this Utf8JsonWriter writer, string name, ReadOnlyMemory<byte> json)
    {
        writer.WritePropertyName(name);
        writer.WriteRawValue(json.Span, skipInputValidation: true);
    }

    /// <summary>A message's members: what <paramref name="write"/> writes into an object, without the braces.</summary>
    public static ReadOnlyMemory<byte> Members(Action<Utf8JsonWriter> write)
    {
        var json = Write(writer =>
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        });
        return json.AsMemory(1..^1);
    }
}
