using System.Text.Json;

namespace Levee.Protocol;

/// <summary>
/// Reads the ops of one submission out of its JSON. The numbers that matter are parsed; every other member is copied, byte for
/// byte, into one buffer that all ops of the submission share, so that they outlive the frame they came in.
/// </summary>
public sealed class DocumentMessageReader
{
    /// <summary>The longest <c>type</c> that a client may use.</summary>
    public const int MaxTypeLength = 64;

    private readonly ReadOnlyMemory<byte> _source;
    private readonly OpMembers _passed;
    private readonly byte[] _members;
    private int _used;

    /// <summary>Prepares to read ops out of <paramref name="source"/>.</summary>
    /// <param name="source">The JSON that holds the ops.</param>
    /// <param name="passed">Which members pass through; the others are dropped.</param>
    public DocumentMessageReader(ReadOnlyMemory<byte> source, OpMembers passed = OpMembers.AllButService)
    {
        _source = source;
        _passed = passed;
        // Members are copied without the whitespace between them, so all of them fit into as many bytes.
        _members = new byte[source.Length];
    }

    /// <summary>
    /// Reads one op. <paramref name="reader"/>, which must read the bytes given to the constructor, stands on the op's first
    /// token and is left on its last.
    /// </summary>
    /// <exception cref="MalformedMessageException">The value is no op.</exception>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    public DocumentMessage Read(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new MalformedMessageException("an op must be an object");
        }

        string? type = null;
        long? clientSequenceNumber = null;
        long? referenceSequenceNumber = null;
        var start = _used;
        var contents = default(Range);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.IsText("type"u8))
            {
                type = ReadType(ref reader);
            }
            else if (reader.IsText("clientSequenceNumber"u8))
            {
                clientSequenceNumber = ReadNumber(ref reader, "clientSequenceNumber");
            }
            else if (reader.IsText("referenceSequenceNumber"u8))
            {
                referenceSequenceNumber = ReadNumber(ref reader, "referenceSequenceNumber");
            }
            else if (_passed == OpMembers.Fluid ? !IsFluid(reader) : IsServiceOwned(reader))
            {
                reader.Read();
                reader.Skip();
            }
            else
            {
                var isContents = reader.IsText("contents"u8);
                var value = CopyMember(ref reader, start);
                contents = isContents ? value : contents;
            }
        }

        return new DocumentMessage
        {
            Type = type ?? throw new MalformedMessageException("an op needs a type"),
            ClientSequenceNumber = clientSequenceNumber ?? throw new MalformedMessageException("an op needs a clientSequenceNumber"),
            ReferenceSequenceNumber =
                referenceSequenceNumber ?? throw new MalformedMessageException("an op needs a referenceSequenceNumber"),
            Members = _members.AsMemory(start.._used),
            Contents = _members.AsMemory(contents),
        };
    }

    /// <summary>Members that the service writes itself: a client's word for them is dropped.</summary>
    private static bool IsServiceOwned(in Utf8JsonReader reader) =>
        reader.IsText("clientId"u8)
        || reader.IsText("sequenceNumber"u8)
        || reader.IsText("minimumSequenceNumber"u8)
        || reader.IsText("timestamp"u8)
        || reader.IsText("data"u8)
        || reader.IsText("origin"u8);

    private static bool IsFluid(in Utf8JsonReader reader) =>
        reader.IsText("contents"u8) || reader.IsText("metadata"u8) || reader.IsText("compression"u8) || reader.IsText("traces"u8);

    private static string ReadType(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.String)
        {
            throw new MalformedMessageException("type must be a string");
        }

        // The two types of the hot path cost no string.
        if (reader.IsText("op"u8))
        {
            return MessageType.Op;
        }

        if (reader.IsText("noop"u8))
        {
            return MessageType.NoOp;
        }

        return reader.TryGetText() is { Length: > 0 and <= MaxTypeLength } type
            ? type
            : throw new MalformedMessageException($"type must have 1 to {MaxTypeLength} characters");
    }

    private static long ReadNumber(ref Utf8JsonReader reader, string name)
    {
        reader.Read();
        return reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var value)
            ? value
            : throw new MalformedMessageException($"{name} must be an integer");
    }

    /// <summary>Copies <c>"name":value</c> and returns where the value is.</summary>
    private Range CopyMember(ref Utf8JsonReader reader, int start)
    {
        if (_used > start)
        {
            _members[_used++] = (byte)',';
        }

        _members[_used++] = (byte)'"';
        Copy(reader.ValueSpan);
        _members[_used++] = (byte)'"';
        _members[_used++] = (byte)':';

        reader.Read();
        var from = (int)reader.TokenStartIndex;
        reader.Skip();
        var valueStart = _used;
        Copy(_source.Span[from..(int)reader.BytesConsumed]);
        return valueStart.._used;
    }

    private void Copy(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_members.AsSpan(_used));
        _used += bytes.Length;
    }
}
