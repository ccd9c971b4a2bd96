using System.Text;
using System.Text.Json;
using Levee.Protocol;

namespace Levee.Sessions;

/// <summary>What both JSON forms of a summary have in common: names, blobs, and what is said of trees.</summary>
internal static class SummaryMembers
{
    /// <summary>The longest group id, in characters.</summary>
    private const int MaxGroupIdLength = 1024;

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

    /// <summary>A blob's bytes. Content and encoding stand side by side, or both in an object that is the content.</summary>
    public static SummaryBlob Blob(ReadOnlyMemory<byte> content, ReadOnlyMemory<byte> encoding, SummaryPlace place)
    {
        if (content.IsEmpty)
        {
            throw place.Missing("content");
        }

        if (content.Span[0] == (byte)'{')
        {
            JsonReading.TryGetMember(content, "encoding"u8, out encoding);
            content = JsonReading.TryGetMember(content, "content"u8, out var inner) ? inner : throw place.Missing("content.content");
        }

        try
        {
            return new SummaryBlob(BlobContent.Decode(content, encoding.IsEmpty ? null : JsonReading.TextOf(encoding) ?? ""));
        }
        catch (MalformedMessageException e)
        {
            throw place.Refuse($": {e.Message}");
        }
    }

    /// <summary>A tree with what is said of it.</summary>
    public static SummaryTree Tree(
        Dictionary<string, SummaryNode> children, ReadOnlyMemory<byte> unreferenced, ReadOnlyMemory<byte> groupId, SummaryPlace place) =>
        new(children) { Unreferenced = Flag(unreferenced, place), GroupId = Group(groupId, place) };

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
