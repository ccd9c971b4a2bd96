using System.Text.Json;
using System.Text.Unicode;
using MessagePack;

namespace Levee.Gateway.Phoenix.Serializers;

/// <content>MessagePack to JSON.</content>
public static partial class MessagePackTranscoder
{
    // msgpackr writes JavaScript's undefined as a one-byte extension of type 0.
    private const sbyte UndefinedExtension = 0;
    private const sbyte TimestampExtension = -1;

    /// <summary>Writes the MessagePack value that the reader stands on as JSON.</summary>
    /// <remarks>
    /// Binary data becomes a base64 string. JavaScript's undefined, as msgpackr packs it, is left out of a map and becomes
    /// null in an array, as <c>JSON.stringify</c> has it. Other extensions, timestamps among them, are refused by name.
    /// </remarks>
    /// <param name="reader">Stands behind the value afterwards.</param>
    /// <param name="writer">Where the value goes; after an exception it holds a part of it.</param>
    /// <param name="maxDepth">The deepest nesting accepted; a value that is neither array nor map has none.</param>
    /// <param name="outerLevels">How many of the levels are taken by what the value is in.</param>
    /// <exception cref="PhoenixFrameException">The bytes are not MessagePack, or hold what JSON cannot. Nothing else is ever thrown.</exception>
    public static void WriteValue(ref MessagePackReader reader, Utf8JsonWriter writer, int maxDepth, int outerLevels = 0)
    {
        try
        {
            Copy(ref reader, writer, maxDepth - outerLevels, maxDepth);
        }
        catch (Exception e) when (IsReadFailure(e))
        {
            throw PhoenixFrameException.Undecodable("the frame is not MessagePack");
        }
    }

    /// <summary>What the reader throws for bytes that are cut short or no MessagePack; past the end it slices out of range.</summary>
    internal static bool IsReadFailure(Exception e) =>
        e is MessagePackSerializationException or EndOfStreamException or OverflowException or ArgumentOutOfRangeException;

    private static void Copy(ref MessagePackReader reader, Utf8JsonWriter writer, int depthLeft, int maxDepth)
    {
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
                CopyString(ref reader, writer, isName: false);
                break;
            case MessagePackType.Binary:
                CopyBinary(ref reader, writer);
                break;
            case MessagePackType.Array:
                CopyArray(ref reader, writer, Deeper(depthLeft, maxDepth), maxDepth);
                break;
            case MessagePackType.Map:
                CopyMap(ref reader, writer, Deeper(depthLeft, maxDepth), maxDepth);
                break;
            case MessagePackType.Extension:
                ReadUndefined(ref reader);
                writer.WriteNullValue();
                break;
            default:
                throw PhoenixFrameException.Undecodable("the frame is not MessagePack");
        }
    }

    private static int Deeper(int depthLeft, int maxDepth) =>
        depthLeft > 0 ? depthLeft - 1 : throw PhoenixFrameException.TooDeep(maxDepth);

    private static void CopyArray(ref MessagePackReader reader, Utf8JsonWriter writer, int depthLeft, int maxDepth)
    {
        // The header was checked against the bytes that are left, so a count cannot promise more than was sent.
        var count = reader.ReadArrayHeader();
        writer.WriteStartArray();
        for (var i = 0; i < count; i++)
        {
            Copy(ref reader, writer, depthLeft, maxDepth);
        }

        writer.WriteEndArray();
    }

    private static void CopyMap(ref MessagePackReader reader, Utf8JsonWriter writer, int depthLeft, int maxDepth)
    {
        var count = reader.ReadMapHeader();
        writer.WriteStartObject();
        for (var i = 0; i < count; i++)
        {
            if (reader.NextMessagePackType != MessagePackType.String)
            {
                throw PhoenixFrameException.Undecodable("a map has a key that is not a string");
            }

            var value = reader;
            value.Skip();
            if (value.NextMessagePackType == MessagePackType.Extension)
            {
                reader = value;
                ReadUndefined(ref reader);
                continue;
            }

            CopyString(ref reader, writer, isName: true);
            Copy(ref reader, writer, depthLeft, maxDepth);
        }

        writer.WriteEndObject();
    }

    private static void CopyString(ref MessagePackReader reader, Utf8JsonWriter writer, bool isName)
    {
        // The reader is always over one contiguous message, so the text is one span.
        var text = reader.ReadStringSequence()!.Value.FirstSpan;
        if (!Utf8.IsValid(text))
        {
            throw PhoenixFrameException.NotUtf8();
        }

        if (isName)
        {
            writer.WritePropertyName(text);
        }
        else
        {
            writer.WriteStringValue(text);
        }
    }

    private static void CopyBinary(ref MessagePackReader reader, Utf8JsonWriter writer) =>
        writer.WriteBase64StringValue(reader.ReadBytes()!.Value.FirstSpan);

    private static void WriteFloat(Utf8JsonWriter writer, double number)
    {
        if (!double.IsFinite(number))
        {
            writer.WriteNullValue();
        }
        else if (Math.Abs(number) <= MaxExactInteger && double.IsInteger(number) && !(number == 0 && double.IsNegative(number)))
        {
            writer.WriteNumberValue((long)number);
        }
        else
        {
            writer.WriteNumberValue(number);
        }
    }

    private static void ReadUndefined(ref MessagePackReader reader)
    {
        var extension = reader.ReadExtensionFormat();
        if (extension.TypeCode == UndefinedExtension && extension.Data.Length == 1 && extension.Data.FirstSpan[0] == 0)
        {
            return;
        }

        throw PhoenixFrameException.Undecodable(
            extension.TypeCode == TimestampExtension
                ? "MessagePack timestamps are not supported: send times as numbers or strings"
                : $"MessagePack extension type {extension.TypeCode} is not supported");
    }
}
