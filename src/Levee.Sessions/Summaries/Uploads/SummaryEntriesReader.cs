using System.Text.Json;
using Levee.Protocol;
using Levee.Protocol.Git;

namespace Levee.Sessions;

/// <summary>
/// Reads a summary as stock drivers upload it: a list of <c>{"path", "type": "tree"|"blob", "value": {...} | "id"}</c>, where a tree's value has
/// <c>entries</c> again and a blob's <c>content</c>. One pass, whatever the order of members.
/// </summary>
public static class SummaryEntriesReader
{
    /// <summary>Reads the list of the root's entries.</summary>
    /// <param name="json">Valid JSON.</param>
    /// <exception cref="MalformedMessageException">It has another form; the message says where.</exception>
    public static SummaryTree ReadList(ReadOnlyMemory<byte> json)
    {
        var reader = SummaryMembers.Open(json);
        return new SummaryTree(ReadEntries(ref reader, json, new SummaryPlace()));
    }

    /// <summary>Reads <c>{"type": "tree", "entries"}</c>.</summary>
    internal static SummaryTree ReadTree(ReadOnlyMemory<byte> json)
    {
        var reader = SummaryMembers.Open(json);
        var place = new SummaryPlace();
        return new SummaryTree(ReadValue(ref reader, json, place).Children ?? throw place.Missing("entries"));
    }

    private static Dictionary<string, SummaryNode> ReadEntries(
        ref Utf8JsonReader reader, ReadOnlyMemory<byte> source, SummaryPlace place)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw place.Refuse(".entries must be a list");
        }

        var children = new Dictionary<string, SummaryNode>(StringComparer.Ordinal);
        for (var index = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; index++)
        {
            place.EnterEntry(index);
            var (path, node) = ReadEntry(ref reader, source, place);
            if (!children.TryAdd(path, node))
            {
                throw place.Refuse(".path is that of an entry before it");
            }

            place.Leave();
        }

        return children;
    }

    private static (string Path, SummaryNode Node) ReadEntry(ref Utf8JsonReader reader, ReadOnlyMemory<byte> source, SummaryPlace place)
    {
        place.RequireObject(reader);
        place.Begin();
        var (path, entry, value) = (default(string), default(SummaryMembers), default(SummaryMembers?));
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.IsText("value"u8))
            {
                reader.Read();
                place.EnterValue();
                value = ReadValue(ref reader, source, place);
                place.Leave();
            }
            else if (reader.IsText("path"u8))
            {
                reader.Read();
                path = reader.TokenType == JsonTokenType.String
                    ? SummaryMembers.ReadName(reader, place, " has a path") : throw place.Missing("path");
            }
            else
            {
                entry.Take(ref reader, source);
            }
        }

        return (path ?? throw place.Missing("path"), ToNode(entry, value, place));
    }

    /// <summary>Reads what an entry's value says; its type repeats that of the entry.</summary>
    private static SummaryMembers ReadValue(ref Utf8JsonReader reader, ReadOnlyMemory<byte> source, SummaryPlace place)
    {
        place.RequireObject(reader);
        var value = default(SummaryMembers);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.IsText("entries"u8))
            {
                reader.Read();
                value.Children = ReadEntries(ref reader, source, place);
            }
            else
            {
                value.Take(ref reader, source);
            }
        }

        return value;
    }

    private static SummaryNode ToNode(in SummaryMembers entry, in SummaryMembers? value, SummaryPlace place) => SummaryMembers.Text(entry.Type) switch
    {
        "tree" when value is { } tree => entry.ToTree(tree.Children ?? throw place.Missing("value.entries"), place),
        "tree" => new SummaryHandle(IdOf(entry, place), GitObjectKind.Tree),
        "blob" when value is { } blob => ToBlob(blob, place),
        // An attachment blob by its own id, or one of a summary before by its place there.
        "blob" => IdOf(entry, place) is var id && ObjectId.TryParse(id, out _) ? new SummaryAttachment(id) : new SummaryHandle(id, GitObjectKind.Blob),
        _ => throw place.Refuse(".type must be tree or blob"),
    };

    private static SummaryBlob ToBlob(in SummaryMembers value, SummaryPlace place)
    {
        place.EnterValue();
        var blob = value.ToBlob(place);
        place.Leave();
        return blob;
    }

    private static string IdOf(in SummaryMembers entry, SummaryPlace place) =>
        SummaryMembers.Text(entry.Id) ?? throw place.Refuse(" must have a value, or the id of something that is stored");
}
