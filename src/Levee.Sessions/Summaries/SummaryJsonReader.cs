using System.Text;
using System.Text.Json;
using Levee.Protocol;

namespace Levee.Sessions;

/// <summary>
/// Reads a summary in the form of Fluid's <c>ISummaryTree</c>: <c>{"type":1,"tree":{name: node}}</c> for trees, 2 with <c>content</c> for blobs,
/// 3 with <c>handle</c>, 4 with <c>id</c> for attachments. One pass, whatever the order of members.
/// </summary>
public static class SummaryJsonReader
{
    /// <summary>Reads the root, which must be a tree.</summary>
    /// <param name="json">Valid JSON.</param>
    /// <exception cref="MalformedMessageException">It has another form; the message says where.</exception>
    public static SummaryTree Read(ReadOnlyMemory<byte> json)
    {
        var reader = new Utf8JsonReader(json.Span);
        reader.Read();
        return ReadNode(ref reader, json, new Place()) as SummaryTree
            ?? throw new MalformedMessageException("summary must be a tree (type 1)");
    }

    private static SummaryNode ReadNode(ref Utf8JsonReader reader, ReadOnlyMemory<byte> source, Place place)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw place.Refuse(" must be an object");
        }

        if (++place.Count > ObjectLimits.MaxListedEntries)
        {
            throw new MalformedMessageException($"A summary must not have more than {ObjectLimits.MaxListedEntries} parts");
        }

        var node = default(Members);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            ReadMember(ref reader, source, place, ref node);
        }

        return node.ToNode(place);
    }

    private static void ReadMember(
        ref Utf8JsonReader reader, ReadOnlyMemory<byte> source, Place place, ref Members node)
    {
        if (reader.IsText("tree"u8))
        {
            reader.Read();
            node.Tree = ReadChildren(ref reader, source, place);
        }
        else if (reader.IsText("type"u8))
        {
            node.Type = JsonReading.ReadValue(ref reader, source);
        }
        else if (reader.IsText("content"u8))
        {
            node.Content = JsonReading.ReadValue(ref reader, source);
        }
        else if (reader.IsText("encoding"u8))
        {
            node.Encoding = JsonReading.ReadValue(ref reader, source);
        }
        else if (reader.IsText("handle"u8))
        {
            node.Handle = JsonReading.ReadValue(ref reader, source);
        }
        else if (reader.IsText("id"u8))
        {
            node.Id = JsonReading.ReadValue(ref reader, source);
        }
        else
        {
            JsonReading.ReadValue(ref reader, source);
        }
    }

    private static Dictionary<string, SummaryNode> ReadChildren(
        ref Utf8JsonReader reader, ReadOnlyMemory<byte> source, Place place)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw place.Refuse(".tree must be an object");
        }

        var children = new Dictionary<string, SummaryNode>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = ReadName(in reader, place);
            reader.Read();
            place.Names.Push(name);
            children[name] = ReadNode(ref reader, source, place);
            place.Names.Pop();
        }

        return children;
    }

    private static string ReadName(in Utf8JsonReader reader, Place place)
    {
        // The first look is at the bytes, of which an escaped character takes six: a name of megabytes does not become a string.
        if (reader.ValueSpan.Length > 6 * ObjectLimits.MaxNameBytes)
        {
            throw TooLong(place);
        }

        var name = reader.TryGetText() ?? throw place.Refuse(".tree has a name that is no valid text");
        return Encoding.UTF8.GetByteCount(name) <= ObjectLimits.MaxNameBytes ? name : throw TooLong(place);
    }

    private static MalformedMessageException TooLong(Place place) =>
        place.Refuse($".tree has a name of more than {ObjectLimits.MaxNameBytes} bytes");

    /// <summary>Where the reading is. Put into words only for an error: a text of it for each part could cost far more than the parts.</summary>
    private sealed class Place
    {
        /// <summary>How many parts have been begun.</summary>
        public int Count { get; set; }

        /// <summary>The names that lead from the root to the current part, its own on top.</summary>
        public Stack<string> Names { get; } = new();

        public MalformedMessageException Refuse(string problem)
        {
            var path = new StringBuilder("summary");
            foreach (var name in Names.Reverse())
            {
                path.Append(".tree['").Append(name).Append("']");
            }

            return new MalformedMessageException(path.Append(problem).ToString());
        }
    }

    /// <summary>The members that mean something, until it is known which of them do.</summary>
    private struct Members
    {
        public ReadOnlyMemory<byte> Type;
        public ReadOnlyMemory<byte> Content;
        public ReadOnlyMemory<byte> Encoding;
        public ReadOnlyMemory<byte> Handle;
        public ReadOnlyMemory<byte> Id;
        public Dictionary<string, SummaryNode>? Tree;

        public readonly SummaryNode ToNode(Place place) => System.Text.Encoding.UTF8.GetString(Type.Span) switch
        {
            "1" => new SummaryTree(Tree ?? throw Missing(place, "tree")),
            "2" => new SummaryBlob(Decode(place)),
            "3" => new SummaryHandle(JsonReading.TextOf(Require(Handle, place, "handle")) ?? throw Missing(place, "handle")),
            "4" => new SummaryAttachment(JsonReading.TextOf(Require(Id, place, "id")) ?? throw Missing(place, "id")),
            _ => throw place.Refuse(".type must be 1 (tree), 2 (blob), 3 (handle) or 4 (attachment)"),
        };

        /// <summary>Content and encoding stand side by side, or both in an object that is the content.</summary>
        private readonly byte[] Decode(Place place)
        {
            var content = Require(Content, place, "content");
            var encoding = Encoding;
            if (content.Span[0] == (byte)'{')
            {
                JsonReading.TryGetMember(content, "encoding"u8, out encoding);
                content = JsonReading.TryGetMember(content, "content"u8, out var inner) ? inner : throw Missing(place, "content.content");
            }

            try
            {
                return BlobContent.Decode(content, encoding.IsEmpty ? null : JsonReading.TextOf(encoding) ?? "");
            }
            catch (MalformedMessageException e)
            {
                throw place.Refuse($": {e.Message}");
            }
        }

        private static ReadOnlyMemory<byte> Require(ReadOnlyMemory<byte> member, Place place, string name) =>
            member.IsEmpty ? throw Missing(place, name) : member;

        private static MalformedMessageException Missing(Place place, string name) =>
            place.Refuse($".{name} is missing or of the wrong type");
    }
}
