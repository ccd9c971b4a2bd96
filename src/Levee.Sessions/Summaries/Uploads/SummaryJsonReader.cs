using System.Text.Json;
using Levee.Protocol;

namespace Levee.Sessions;

/// <summary>
/// Reads a summary in the form of Fluid's <c>ISummaryTree</c>: <c>{"type":1,"tree":{name: node}}</c> for trees, 2 with <c>content</c> for blobs,
/// 3 with <c>handle</c>, 4 with <c>id</c> for attachments. One pass, whatever the order of members.
/// </summary>
public static class SummaryJsonReader
{
    /// <summary>Reads the root, which must be a tree: of this form, or <c>{"type": "tree", "entries"}</c> of <see cref="SummaryEntriesReader"/>.</summary>
    /// <param name="json">Valid JSON.</param>
    /// <exception cref="MalformedMessageException">It has another form; the message says where.</exception>
    public static SummaryTree Read(ReadOnlyMemory<byte> json)
    {
        if (IsEntries(json))
        {
            return SummaryEntriesReader.ReadTree(json);
        }

        var reader = SummaryMembers.Open(json);
        return ReadNode(ref reader, json, new SummaryPlace()) as SummaryTree
            ?? throw new MalformedMessageException("summary must be a tree (type 1)");
    }

    /// <summary>Which of the two forms a root has: told by the first member that only one of them has.</summary>
    public static bool IsEntries(ReadOnlyMemory<byte> json)
    {
        var reader = SummaryMembers.Open(json);
        if (reader.TokenType != JsonTokenType.StartObject)
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
        place.RequireObject(reader);
        place.Begin();
        var node = default(SummaryMembers);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.IsText("tree"u8))
            {
                reader.Read();
                node.Children = ReadChildren(ref reader, source, place);
            }
            else
            {
                node.Take(ref reader, source);
            }
        }

        return ToNode(node, place);
    }

    private static Dictionary<string, SummaryNode> ReadChildren(
        ref Utf8JsonReader reader, ReadOnlyMemory<byte> source, SummaryPlace place)
    {
        place.RequireObject(reader, ".tree");
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

    private static SummaryNode ToNode(in SummaryMembers node, SummaryPlace place) => node.Type.Span switch
    {
        [(byte)'1'] => node.ToTree(node.Children ?? throw place.Missing("tree"), place),
        [(byte)'2'] => node.ToBlob(place),
        [(byte)'3'] => new SummaryHandle(SummaryMembers.Text(node.Handle) ?? throw place.Missing("handle")),
        [(byte)'4'] => new SummaryAttachment(SummaryMembers.Text(node.Id) ?? throw place.Missing("id")),
        _ => throw place.Refuse(".type must be 1 (tree), 2 (blob), 3 (handle) or 4 (attachment)"),
    };
}
