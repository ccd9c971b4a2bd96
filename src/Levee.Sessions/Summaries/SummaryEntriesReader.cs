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
    private static readonly JsonReaderOptions Options = new() { MaxDepth = ObjectLimits.MaxSummaryJsonDepth };

    /// <summary>Reads the list of the root's entries.</summary>
    /// <param name="json">Valid JSON.</param>
    /// <exception cref="MalformedMessageException">It has another form; the message says where.</exception>
    public static SummaryTree ReadList(ReadOnlyMemory<byte> json)
    {
        var reader = new Utf8JsonReader(json.Span, Options);
        reader.Read();
        return new SummaryTree(ReadEntries(ref reader, json, new SummaryPlace()));
    }

    /// <summary>Reads <c>{"type": "tree", "entries"}</c>.</summary>
    internal static SummaryTree ReadTree(ReadOnlyMemory<byte> json)
    {
        var reader = new Utf8JsonReader(json.Span, Options);
        reader.Read();
        var place = new SummaryPlace();
        return new SummaryTree(ReadValue(ref reader, json, place).Entries ?? throw place.Missing("entries"));
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
            var entry = ReadEntry(ref reader, source, place);
            if (!children.TryAdd(entry.Path ?? throw place.Missing("path"), entry.ToNode(place)))
            {
                throw place.Refuse(".path is that of an entry before it");
            }

            place.Leave();
        }

        return children;
    }

    private static Entry ReadEntry(ref Utf8JsonReader reader, ReadOnlyMemory<byte> source, SummaryPlace place)
    {
        RequireObject(reader.TokenType, place);
        place.Begin();
        var entry = default(Entry);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.IsText("value"u8))
            {
                reader.Read();
                place.EnterValue();
                entry.Value = ReadValue(ref reader, source, place);
                place.Leave();
            }
            else if (reader.IsText("path"u8))
            {
                reader.Read();
                entry.Path = reader.TokenType == JsonTokenType.String
                    ? SummaryMembers.ReadName(reader, place, " has a path") : throw place.Missing("path");
            }
            else
            {
                ReadMember(ref reader, source, ref entry);
            }
        }

        return entry;
    }

    private static void ReadMember(ref Utf8JsonReader reader, ReadOnlyMemory<byte> source, ref Entry entry)
    {
        if (reader.IsText("type"u8))
        {
            entry.Type = JsonReading.ReadValue(ref reader, source);
        }
        else if (reader.IsText("id"u8))
        {
            entry.Id = JsonReading.ReadValue(ref reader, source);
        }
        else if (reader.IsText("unreferenced"u8))
        {
            entry.Unreferenced = JsonReading.ReadValue(ref reader, source);
        }
        else if (reader.IsText("groupId"u8))
        {
            entry.GroupId = JsonReading.ReadValue(ref reader, source);
        }
        else
        {
            JsonReading.ReadValue(ref reader, source);
        }
    }

    private static Value ReadValue(ref Utf8JsonReader reader, ReadOnlyMemory<byte> source, SummaryPlace place)
    {
        RequireObject(reader.TokenType, place);
        var value = new Value { IsThere = true };
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.IsText("entries"u8))
            {
                reader.Read();
                value.Entries = ReadEntries(ref reader, source, place);
            }
            else if (reader.IsText("content"u8))
            {
                value.Content = JsonReading.ReadValue(ref reader, source);
            }
            else if (reader.IsText("encoding"u8))
            {
                value.Encoding = JsonReading.ReadValue(ref reader, source);
            }
            else
            {
                // Its type repeats that of the entry.
                JsonReading.ReadValue(ref reader, source);
            }
        }

        return value;
    }

    private static void RequireObject(JsonTokenType token, SummaryPlace place)
    {
        if (token != JsonTokenType.StartObject)
        {
            throw place.Refuse(" must be an object");
        }
    }

    private struct Value
    {
        public bool IsThere;
        public Dictionary<string, SummaryNode>? Entries;
        public ReadOnlyMemory<byte> Content;
        public ReadOnlyMemory<byte> Encoding;
    }

    private struct Entry
    {
        public string? Path;
        public ReadOnlyMemory<byte> Type;
        public ReadOnlyMemory<byte> Id;
        public ReadOnlyMemory<byte> Unreferenced;
        public ReadOnlyMemory<byte> GroupId;
        public Value Value;

        public readonly SummaryNode ToNode(SummaryPlace place) => (Type.IsEmpty ? null : JsonReading.TextOf(Type)) switch
        {
            "tree" when Value.IsThere => SummaryMembers.Tree(Value.Entries ?? throw place.Missing("value.entries"), Unreferenced, GroupId, place),
            "tree" => new SummaryHandle(ReadId(place), GitObjectKind.Tree),
            "blob" when Value.IsThere => ToBlob(place),
            // An attachment blob by its own id, or one of a summary before by its place there.
            "blob" => ReadId(place) is var id && ObjectId.TryParse(id, out _) ? new SummaryAttachment(id) : new SummaryHandle(id, GitObjectKind.Blob),
            _ => throw place.Refuse(".type must be tree or blob"),
        };

        private readonly SummaryBlob ToBlob(SummaryPlace place)
        {
            place.EnterValue();
            var blob = SummaryMembers.Blob(Value.Content, Value.Encoding, place);
            place.Leave();
            return blob;
        }

        private readonly string ReadId(SummaryPlace place) =>
            (Id.IsEmpty ? null : JsonReading.TextOf(Id)) ?? throw place.Refuse(" must have a value, or the id of something that is stored");
    }
}
