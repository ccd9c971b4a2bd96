using System.Text;
using System.Text.Json;
using CsCheck;

namespace Levee.Sessions.Tests;

/// <summary>What the two forms of a summary have in common.</summary>
public sealed class SummaryFormsTests
{
    private const string Sha = "00000000000000000000000000000000000000ff";

    private static readonly Gen<string> Names = Gen.String[Gen.Char["ab.%\"\\\u00e9\u4e2d/"], 0, 4];

    private static readonly Gen<SummaryNode> Leaves = Gen.OneOf(
        Gen.Byte.Array[0, 5].Select(bytes => (SummaryNode)new SummaryBlob(bytes)),
        Names.Select(text => (SummaryNode)new SummaryBlob(Encoding.UTF8.GetBytes(text))),
        Gen.Const((SummaryNode)new SummaryAttachment(Sha)));

    private static readonly Gen<SummaryTree> Summaries = Trees(3);

    [Fact]
    public void Each_form_says_the_same_whatever_comes_first_and_whatever_was_said_before_of_the_same_name() =>
        Gen.Select(Summaries, Gen.Int).Sample((root, seed) =>
        {
            var expected = Describe(root);
            var writer = new Writer(new Random(seed));
            Assert.Equal(expected, Describe(SummaryJsonReader.Read(Encoding.UTF8.GetBytes(writer.Node(root)))));
            Assert.Equal(expected, Describe(SummaryJsonReader.Read(Encoding.UTF8.GetBytes(writer.Value(root)))));
            Assert.Equal(expected, Describe(SummaryEntriesReader.ReadList(Encoding.UTF8.GetBytes(writer.Entries(root)))));
        });

    [Theory]
    [InlineData("""{"type":1,"tree":{"a":{"type":2,"encoding":"base64","content":INNER}}}""")]
    [InlineData("""{"type":"tree","entries":[{"path":"a","type":"blob","value":{"encoding":"base64","content":INNER}}]}""")]
    public void A_blobs_content_may_be_an_object_that_has_both_content_and_encoding(string json)
    {
        Assert.Equal("AP8="u8.ToArray(), BlobIn(json, """{"content":"AP8="}"""));
        Assert.Equal([0, 255], BlobIn(json, """{"content":"x","encoding":"base64","content":"AP8="}"""));
        // What means nothing may be nested as deep as a summary may be, there as everywhere.
        Assert.Equal("x"u8.ToArray(), BlobIn(json, $$"""{"more":{{new string('[', 200)}}{{new string(']', 200)}},"content":"x"}"""));
    }

    private static byte[] BlobIn(string json, string content)
    {
        var root = SummaryJsonReader.Read(Encoding.UTF8.GetBytes(json.Replace("INNER", content, StringComparison.Ordinal)));
        return Assert.IsType<SummaryBlob>(root.Children["a"]).Content.ToArray();
    }

    private static Gen<SummaryTree> Trees(int levels)
    {
        var children = levels == 0 ? Leaves : Gen.OneOf(Leaves, Trees(levels - 1).Select(tree => (SummaryNode)tree));
        // Of the root nothing can be said in a list.
        var said = levels == 3 ? Gen.Const((false, (string?)null)) : Gen.Select(Gen.Bool, Gen.OneOf(Gen.Const((string?)null), Names));
        return Gen.Select(Gen.Dictionary(Names, children)[0, 4], said)
            .Select((parts, flags) => new SummaryTree(parts) { Unreferenced = flags.Item1, GroupId = flags.Item2 });
    }

    private static string Describe(SummaryNode node) => node switch
    {
        SummaryTree tree => $"{(tree.Unreferenced, tree.GroupId)}[{string.Join(
            ',', tree.Children.OrderBy(child => child.Key, StringComparer.Ordinal).Select(child => $"{Quote(child.Key)}:{Describe(child.Value)}"))}]",
        SummaryBlob blob => Convert.ToHexString(blob.Content.Span),
        _ => node.ToString()!,
    };

    private static string Quote(string text) => JsonSerializer.Serialize(text);

    /// <summary>Writes either form with its members in any order, members that mean nothing, and members that later ones of the same name replace.</summary>
    private sealed class Writer(Random random)
    {
        public string Node(SummaryNode node) => node switch
        {
            SummaryTree tree => Object([
                ("type", "1"),
                ("tree", $"{{{string.Join(',', tree.Children.Select(child => $"{Quote(child.Key)}:{Node(child.Value)}"))}}}"),
                .. Flags(tree)]),
            SummaryBlob blob => Object([("type", "2"), .. Content(blob)]),
            _ => Object([("type", "4"), ("id", Quote(((SummaryAttachment)node).Id))]),
        };

        public string Entries(SummaryTree tree) => $"[{string.Join(',', tree.Children.Select(child => Entry(child.Key, child.Value)))}]";

        public string Value(SummaryTree tree) => Object([("type", "\"tree\""), ("entries", Entries(tree))]);

        private string Entry(string path, SummaryNode node) => Object([
            ("path", Quote(path)),
            .. node switch
            {
                SummaryTree tree => [("type", "\"tree\""), ("value", Value(tree)), .. Flags(tree)],
                SummaryBlob blob => [("type", "\"blob\""), ("value", Object([("type", "\"blob\""), .. Content(blob)]))],
                _ => new[] { ("type", "\"blob\""), ("id", Quote(((SummaryAttachment)node).Id)) },
            }]);

        private (string, string)[] Content(SummaryBlob blob)
        {
            (string, string)[] pair = [("content", Quote(Convert.ToBase64String(blob.Content.Span))), ("encoding", "\"base64\"")];
            return random.Next(2) == 0 ? pair : [("content", Object(pair))];
        }

        private (string, string)[] Flags(SummaryTree tree)
        {
            List<(string, string)> said = [];
            if (tree.Unreferenced || random.Next(2) == 0)
            {
                said.Add(("unreferenced", tree.Unreferenced ? "true" : "false"));
            }

            if (tree.GroupId is not null || random.Next(2) == 0)
            {
                said.Add(("groupId", tree.GroupId is null ? "null" : Quote(tree.GroupId)));
            }

            return [.. said];
        }

        private string Object((string Name, string Value)[] members)
        {
            List<string> written = [.. members.Select(member => $"{Escape(member.Name)}:{member.Value}"), "\"more\":{\"type\":[9],\"tree\":5}"];
            random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(written));
            // What tells the forms apart is the first of its kind: only members that both forms have are said twice.
            var replaced = members.Where(member => member.Name is not ("type" or "tree" or "entries" or "value") && random.Next(4) == 0);
            return $"{{{string.Join(',', replaced.Select(member => $"{Escape(member.Name)}:\"replaced\"").Concat(written))}}}";
        }

        private string Escape(string name) => random.Next(8) == 0 ? $"\"\\u{(int)name[0]:x4}{name[1..]}\"" : Quote(name);
    }
}
