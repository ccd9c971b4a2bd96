using System.Text.Json;
using Levee.Protocol;

namespace Levee.Sessions;

/// <summary>
/// Reads a summary in the form of Fluid's <c>ISummaryTree</c>: <c>{"type":1,"tree":{name: node}}</c> for trees, 2 with <c>content</c> for blobs,
/// 3 with <c>handle</c>, 4 with <c>id</c> for attachments. One pass, whatever the order of members.
/// </summary>
public static class SummaryJsonReader
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = ObjectLimits.MaxSummaryJsonDepth };

    /// <summary>Reads the root, which must be a tree: of this form, or <c>{"type": "tree", "entries"}</c> of <see cref="SummaryEntriesReader"/>.</summary>
    /// <param name="json">Valid JSON.</param>
    /// <exception cref="MalformedMessageException">It has another form; the message says where.</exception>
    public static SummaryTree Read(ReadOnlyMemory<byte> json)
    {
        if (IsEntries(json))
        {
            return SummaryEntriesReader.ReadTree(json);
        }

        var reader = new Utf8JsonReader(json.Span, Options);
        reader.Read();
        return ReadNode(ref reader, json, new SummaryPlace()) as SummaryTree
            ?? throw new MalformedMessageException("summary must be a tree (type 1)");
    }

    /// <summary>Which of the two forms a root has: told by the first member that only one of them has.</summary>
    public static bool IsEntries(ReadOnlyMemory<byte> json)
    {
        var reader = new Utf8JsonReader(json.Span, Options);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.IsText("entries"u8) || reader.IsText("tree"u8))
            {
                return reader.IsText("entries"u8);
            }

            var isType = reader.IsText("type"u8);
            reader.Read();
            if (isType && reader.TokenType is JsonTokenType.String or JsonTokenType.Number)
            {
                return reader.TokenType == JsonTokenType.String;
            }

            reader.Skip();
        }

        return false;
    }

    private static SummaryNode ReadNode(ref Utf8JsonReader reader, ReadOnlyMemory<byte> source, SummaryPlace place)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw place.Refuse(" must be an object");
        }

        place.Begin();
        var node = default(Members);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            ReadMember(ref reader, source, place, ref node);
        }

        return node.ToNode(place);
    }

    private static void ReadMember(
        ref Utf8JsonReader reader, ReadOnlyMemory<byte> source, SummaryPlace place, ref Members node)
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
        else if (reader.IsText("unreferenced"u8))
        {
            node.Unreferenced = JsonReading.ReadValue(ref reader, source);
        }
        else if (reader.IsText("groupId"u8))
        {
            node.GroupId = JsonReading.ReadValue(ref reader, source);
        }
        else
        {
            JsonReading.ReadValue(ref reader, source);
        }
    }

    private static Dictionary<string, SummaryNode> ReadChildren(
        ref Utf8JsonReader reader, ReadOnlyMemory<byte> source, SummaryPlace place)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw place.Refuse(".tree must be an object");
        }

        var children = new Dictionary<string, SummaryNode>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = SummaryMembers.ReadName(reader, place, ".tree has a name");
            reader.Read();
            place.EnterChild(name);
            children[name] = ReadNode(ref reader, source, place);
            place.Leave();
        }

        return children;
    }

    /// <summary>The members that mean something, until it is known which of them do.</summary>
    private struct Members
    {
        public ReadOnlyMemory<byte> Type;
        public ReadOnlyMemory<byte> Content;
        public ReadOnlyMemory<byte> Encoding;
        public ReadOnlyMemory<byte> Handle;
        public ReadOnlyMemory<byte> Id;
        public ReadOnlyMemory<byte> Unreferenced;
        public ReadOnlyMemory<byte> GroupId;
        public Dictionary<string, SummaryNode>? Tree;

        public readonly SummaryNode ToNode(SummaryPlace place) => System.Text.Encoding.UTF8.GetString(Type.Span) switch
        {
            "1" => SummaryMembers.Tree(Tree ?? throw place.Missing("tree"), Unreferenced, GroupId, place),
            "2" => SummaryMembers.Blob(Content, Encoding, place),
            "3" => new SummaryHandle(Text(Handle) ?? throw place.Missing("handle")),
            "4" => new SummaryAttachment(Text(Id) ?? throw place.Missing("id")),
            _ => throw place.Refuse(".type must be 1 (tree), 2 (blob), 3 (handle) or 4 (attachment)"),
        };

        private static string? Text(ReadOnlyMemory<byte> member) => member.IsEmpty ? null : JsonReading.TextOf(member);
    }
}
