using System.Buffers;
using System.Text.Json;
using MessagePack;

namespace Levee.Fuzz.Dialects;

/// <summary>Reads what the server wrote as MessagePack. Numbers that JSON has no form for become null: the check of frames does not need them.</summary>
internal static class MessagePackText
{
    /// <summary>The same value as JSON.</summary>
    /// <remarks>Throws what the reader throws of bytes that no server of ours may send.</remarks>
    internal static byte[] ToJson(byte[] message)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true });
        var reader = new MessagePackReader(message);
        Write(ref reader, writer);
        if (!reader.End)
        {
            throw new MessagePackSerializationException("bytes follow the frame");
        }

        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static void Write(ref MessagePackReader reader, Utf8JsonWriter writer)
    {
        switch (reader.NextMessagePackType)
        {
            case MessagePackType.Array: WriteArray(ref reader, writer); break;
            case MessagePackType.Map: WriteMap(ref reader, writer); break;
            case MessagePackType.String: writer.WriteStringValue(reader.ReadString()); break;
            case MessagePackType.Boolean: writer.WriteBooleanValue(reader.ReadBoolean()); break;
            case MessagePackType.Integer when reader.NextCode == MessagePackCode.UInt64: writer.WriteNumberValue(reader.ReadUInt64()); break;
            case MessagePackType.Integer: writer.WriteNumberValue(reader.ReadInt64()); break;
            case MessagePackType.Float: WriteFloat(reader.ReadDouble(), writer); break;
            case MessagePackType.Nil:
                reader.ReadNil();
                writer.WriteNullValue();
                break;
            default: throw new MessagePackSerializationException($"a {reader.NextMessagePackType} that no client expects");
        }
    }

    private static void WriteFloat(double number, Utf8JsonWriter writer)
    {
        if (double.IsFinite(number))
        {
            writer.WriteNumberValue(number);
        }
        else
        {
            writer.WriteNullValue();
        }
    }

    private static void WriteArray(ref MessagePackReader reader, Utf8JsonWriter writer)
    {
        writer.WriteStartArray();
        for (var left = reader.ReadArrayHeader(); left > 0; left--)
        {
            Write(ref reader, writer);
        }

        writer.WriteEndArray();
    }

    private static void WriteMap(ref MessagePackReader reader, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        for (var left = reader.ReadMapHeader(); left > 0; left--)
        {
            writer.WritePropertyName(reader.ReadString()!);
            Write(ref reader, writer);
        }

        writer.WriteEndObject();
    }
}
