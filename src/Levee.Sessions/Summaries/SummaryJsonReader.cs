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
        var count = 0;
        return ReadNode(ref reader, json, ref count, "summary") as SummaryTree
            ?? throw new MalformedMessageException("summary must be a tree (type 1)");
    }

    private static SummaryNode ReadNode(ref Utf8JsonReader reader, ReadOnlyMemory<byte> source, ref int count, string path)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new MalformedMessageException($"{path} must be an object");
        }

        if (++count > ObjectLimits.MaxListedEntries)
        {
            throw new MalformedMessageException($"A summary must not have more than {ObjectLimits.MaxListedEntries} parts");
        }

        var node = default(Members);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            ReadMember(ref reader, source, ref count, path, ref node);
        }

        return node.ToNode(path);
    }

    private static void ReadMember(
        ref Utf8JsonReader reader, ReadOnlyMemory<byte> source, ref int count, string path, ref Members node)
    {
        if (reader.IsText("tree"u8))
        {
            reader.Read();
            node.Tree = ReadChildren(ref reader, source, ref count, path);
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
        ref Utf8JsonReader reader, ReadOnlyMemory<byte> source, ref int count, string path)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new MalformedMessageException($"{path}.tree must be an object");
        }

        var children = new Dictionary<string, SummaryNode>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.TryGetText() ?? throw new MalformedMessageException($"{path}.tree has a name that is no valid text");
            reader.Read();
            children[name] = ReadNode(ref reader, source, ref count, $"{path}.tree['{name}']");
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
        public Dictionary<string, SummaryNode>? Tree;

        public readonly SummaryNode ToNode(string path) => System.Text.Encoding.UTF8.GetString(Type.Span) switch
        {
            "1" => new SummaryTree(Tree ?? throw Missing(path, "tree")),
            "2" => new SummaryBlob(Decode(path)),
            "3" => new SummaryHandle(JsonReading.TextOf(Require(Handle, path, "handle")) ?? throw Missing(path, "handle")),
            "4" => new SummaryAttachment(JsonReading.TextOf(Require(Id, path, "id")) ?? throw Missing(path, "id")),
            _ => throw new MalformedMessageException($"{path}.type must be 1 (tree), 2 (blob), 3 (handle) or 4 (attachment)"),
        };

        /// <summary>Content and encoding stand side by side, or both in an object that is the content.</summary>
        private readonly byte[] Decode(string path)
        {
            var content = Require(Content, path, "content");
            var encoding = Encoding;
            if (content.Span[0] == (byte)'{')
            {
                JsonReading.TryGetMember(content, "encoding"u8, out encoding);
                content = JsonReading.TryGetMember(content, "content"u8, out var inner) ? inner : throw Missing(path, "content.content");
            }

            try
            {
                return BlobContent.Decode(content, encoding.IsEmpty ? null : JsonReading.TextOf(encoding) ?? "");
            }
            catch (MalformedMessageException e)
            {
                throw new MalformedMessageException($"{path}: {e.Message}");
            }
        }

        private static ReadOnlyMemory<byte> Require(ReadOnlyMemory<byte> member, string path, string name) =>
            member.IsEmpty ? throw Missing(path, name) : member;

        private static MalformedMessageException Missing(string path, string name) => new($"{path}.{name} is missing or of the wrong type");
    }
}
