using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using MessagePack;

namespace Levee.Client.Phoenix;

/// <summary>
/// Turns a payload from JSON into MessagePack and back. The library's own conversion will not do: it leaves control characters unescaped
/// and gives infinities as they are. Half of a surrogate pair, which MessagePack cannot hold, is refused where an op is made.
/// </summary>
internal static class PayloadFormat
{
    /// <summary>The server accepts 64 levels; what it sends of others' may be wrapped in a few more.</summary>
    public const int MaxDepth = 256;

    // Up to here a double holds every integer, and JavaScript senders use doubles for those beyond 32 bits.
    private const double MaxExactInteger = 1L << 53;

    public static void WriteMessagePack(ref MessagePackWriter writer, ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MaxDepth });
        Write(ref writer, document.RootElement);
    }

    public static byte[] ReadMessagePack(ref MessagePackReader reader)
    {
        var output = new ArrayBufferWriter<byte>(256);
        using var writer = new Utf8JsonWriter(output, new JsonWriterOptions
        {
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            MaxDepth = MaxDepth,
        });
        Read(ref reader, writer, MaxDepth);
        writer.Flush();
        return output.WrittenSpan.ToArray();
    }

    private static void Write(ref MessagePackWriter writer, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteMapHeader(value.GetPropertyCount());
                foreach (var member in value.EnumerateObject())
                {
                    writer.Write(member.Name);
                    Write(ref writer, member.Value);
                }

                break;
            case JsonValueKind.Array:
                writer.WriteArrayHeader(value.GetArrayLength());
                foreach (var element in value.EnumerateArray())
                {
                    Write(ref writer, element);
                }

                break;
            case JsonValueKind.String:
                writer.Write(value.GetString());
                break;
            case JsonValueKind.Number:
                WriteNumber(ref writer, value);
                break;
            case JsonValueKind.True or JsonValueKind.False:
                writer.Write(value.GetBoolean());
                break;
            default:
                writer.WriteNil();
                break;
        }
    }

    private static void WriteNumber(ref MessagePackWriter writer, JsonElement value)
    {
        if (value.TryGetInt64(out var integer) && (integer != 0 || value.GetRawText()[0] != '-'))
        {
            writer.Write(integer);
        }
        else if (value.TryGetUInt64(out var large) && large != 0)
        {
            writer.Write(large);
        }
        else
        {
            writer.Write(value.GetDouble());
        }
    }

    private static void Read(ref MessagePackReader reader, Utf8JsonWriter writer, int depthLeft)
    {
        if (depthLeft == 0)
        {
            throw new LeveeTransportException($"The server sent a frame nested more than {MaxDepth} deep.");
        }

        switch (reader.NextMessagePackType)
        {
            case MessagePackType.Nil:
                reader.ReadNil();
                writer.WriteNullValue();
                break;
            case MessagePackType.Boolean:
                writer.WriteBooleanValue(reader.ReadBoolean());
                break;
            case MessagePackType.Integer when reader.NextCode == MessagePackCode.UInt64:
                writer.WriteNumberValue(reader.ReadUInt64());
                break;
            case MessagePackType.Integer:
                writer.WriteNumberValue(reader.ReadInt64());
                break;
            case MessagePackType.Float:
                WriteFloat(writer, reader.ReadDouble());
                break;
            case MessagePackType.String:
                writer.WriteStringValue(reader.ReadString());
                break;
            case MessagePackType.Array:
                ReadArray(ref reader, writer, depthLeft - 1);
                break;
            case MessagePackType.Map:
                ReadMap(ref reader, writer, depthLeft - 1);
                break;
            default:
                throw new LeveeTransportException($"The server sent a MessagePack {reader.NextMessagePackType}, which JSON has not.");
        }
    }

    private static void ReadArray(ref MessagePackReader reader, Utf8JsonWriter writer, int depthLeft)
    {
        var count = reader.ReadArrayHeader();
        writer.WriteStartArray();
        for (var i = 0; i < count; i++)
        {
            Read(ref reader, writer, depthLeft);
        }

        writer.WriteEndArray();
    }

    private static void ReadMap(ref MessagePackReader reader, Utf8JsonWriter writer, int depthLeft)
    {
        var count = reader.ReadMapHeader();
        writer.WriteStartObject();
        for (var i = 0; i < count; i++)
        {
            writer.WritePropertyName(reader.ReadString() ?? throw new LeveeTransportException("The server sent a map with a key that is nil."));
            Read(ref reader, writer, depthLeft);
        }

        writer.WriteEndObject();
    }

    private static void WriteFloat(Utf8JsonWriter writer, double number)
    {
        if (!double.IsFinite(number))
        {
            writer.WriteNullValue();
        }
        else if (double.IsInteger(number) && Math.Abs(number) <= MaxExactInteger && !(number == 0 && double.IsNegative(number)))
        {
            writer.WriteNumberValue((long)number);
        }
        else
        {
            writer.WriteNumberValue(number);
        }
    }
}
