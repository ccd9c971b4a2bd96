using System.Text;
using System.Text.Json;
using Levee.Protocol;

namespace Levee.Sessions;

/// <summary>
/// What one object in a summary's JSON says, in either form of it: the bytes of those members that mean something, since only all of them together
/// tell what they mean. Members may come in any order, the last of a name counts, as in JavaScript, and those of other names are passed over.
/// </summary>
internal struct SummaryMembers
{
    /// <summary>What the object has below it, which only the form that is being read can tell; null for none.</summary>
    public Dictionary<string, SummaryNode>? Children;

    public ReadOnlyMemory<byte> Type;
    public ReadOnlyMemory<byte> Handle;
    public ReadOnlyMemory<byte> Id;

    /// <summary>The longest group id, in characters.</summary>
    private const int MaxGroupIdLength = 1024;

    private static readonly JsonReaderOptions Options = new() { MaxDepth = ObjectLimits.MaxSummaryJsonDepth };

    private ReadOnlyMemory<byte> _content;
    private ReadOnlyMemory<byte> _encoding;
    private ReadOnlyMemory<byte> _unreferenced;
    private ReadOnlyMemory<byte> _groupId;
    private ReadOnlyMemory<byte> _other;

    /// <summary>A reader at the first token of a summary, or of a part of one.</summary>
    public static Utf8JsonReader Open(ReadOnlyMemory<byte> json)
    {
        var reader = new Utf8JsonReader(json.Span, Options);
        reader.Read();
        return reader;
    }

    /// <summary>Takes the member at whose name the reader stands, and leaves the reader at the end of its value.</summary>
    public void Take(ref Utf8JsonReader reader, ReadOnlyMemory<byte> source)
    {
        ref var member = ref
            reader.IsText("type"u8) ? ref Type :
            ref reader.IsText("content"u8) ? ref _content :
            ref reader.IsText("encoding"u8) ? ref _encoding :
            ref reader.IsText("handle"u8) ? ref Handle :
            ref reader.IsText("id"u8) ? ref Id :
            ref reader.IsText("unreferenced"u8) ? ref _unreferenced :
            ref reader.IsText("groupId"u8) ? ref _groupId :
            ref _other;
        member = JsonReading.ReadValue(ref reader, source);
    }

    /// <summary>A member's text; null when it is absent or something else.</summary>
    public static string? Text(ReadOnlyMemory<byte> member) => member.IsEmpty ? null : JsonReading.TextOf(member);

    /// <summary>Reads the current token as the name of a part.</summary>
    /// <param name="reader">Stands at the name.</param>
    /// <param name="place">Where that is.</param>
    /// <param name="member">What an error calls it.</param>
    public static string ReadName(in Utf8JsonReader reader, SummaryPlace place, string member)
    {
        // The first look is at the bytes, of which an escaped character takes six: a name of megabytes does not become a string.
        if (reader.ValueSpan.Length > 6 * ObjectLimits.MaxNameBytes)
        {
            throw TooLong(place, member);
        }

        var name = reader.TryGetText() ?? throw place.Refuse($"{member} that is no valid text");
        return Encoding.UTF8.GetByteCount(name) <= ObjectLimits.MaxNameBytes ? name : throw TooLong(place, member);
    }

    /// <summary>A blob. Content and encoding stand side by side, or both in an object that is the content.</summary>
    public readonly SummaryBlob ToBlob(SummaryPlace place)
    {
        var (content, encoding) = (_content, _encoding);
        if (content.IsEmpty)
        {
            throw place.Missing("content");
        }

        if (content.Span[0] == (byte)'{')
        {
            var inner = Of(content);
            (content, encoding) = inner._content.IsEmpty ? throw place.Missing("content.content") : (inner._content, inner._encoding);
        }

        try
        {
            return new SummaryBlob(BlobContent.Decode(content, encoding.IsEmpty ? null : Text(encoding) ?? ""));
        }
        catch (MalformedMessageException e)
        {
            throw place.Refuse($": {e.Message}");
        }
    }

    /// <summary>A tree with what is said of it.</summary>
    public readonly SummaryTree ToTree(Dictionary<string, SummaryNode> children, SummaryPlace place) =>
        new(children) { Unreferenced = Flag(_unreferenced, place), GroupId = Group(_groupId, place) };

    private static SummaryMembers Of(ReadOnlyMemory<byte> json)
    {
        var members = default(SummaryMembers);
        var reader = Open(json);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            members.Take(ref reader, json);
        }

        return members;
    }

    private static bool Flag(ReadOnlyMemory<byte> value, SummaryPlace place) => !IsAbsent(value) && value.Span[0] switch
    {
        (byte)'t' => true,
        (byte)'f' => false,
        _ => throw place.Refuse(".unreferenced must be true or false"),
    };

    private static string? Group(ReadOnlyMemory<byte> value, SummaryPlace place) => IsAbsent(value)
        ? null
        : value.Length <= 6 * MaxGroupIdLength && JsonReading.TextOf(value) is { Length: <= MaxGroupIdLength } text
            ? text
            : throw place.Refuse($".groupId must be a string of at most {MaxGroupIdLength} characters");

    private static bool IsAbsent(ReadOnlyMemory<byte> value) => value.IsEmpty || value.Span[0] == (byte)'n';

    private static MalformedMessageException TooLong(SummaryPlace place, string member) =>
        place.Refuse($"{member} of more than {ObjectLimits.MaxNameBytes} bytes");
}
