using System.Text.Json;
using CsCheck;
using static Levee.Protocol.Tests.Sample;

namespace Levee.Protocol.Tests;

/// <summary>Whatever a client sends, it comes through byte for byte or is refused by name.</summary>
public sealed class DocumentMessageReaderPropertyTests
{
    private static readonly Gen<(string Text, bool Passes)> PassingMember = Gen.Select(JsonTexts.Name, JsonTexts.Value)
        .Select((name, value) => ($"\"{name}\":{value}", true));

    private static readonly Gen<(string Text, bool Passes)> OwnMember = Gen
        .Select(Gen.OneOf("clientId", "data", "origin", "timestamp", "sequenceNumber", "minimumSequenceNumber"), JsonTexts.Value)
        .Select((name, value) => ($"\"{name}\":{value}", false));

    private static readonly Gen<(string Text, bool Passes)[]> Members =
        Gen.Frequency((4, PassingMember), (1, OwnMember)).Array[0, 10];

    private static readonly Gen<string> OpMember = JsonTexts.Member(
        Gen.OneOf(Gen.OneOf("type", "clientSequenceNumber", "referenceSequenceNumber", "clientId"), JsonTexts.Name),
        Gen.OneOf(Gen.OneOf("1", "\"op\"", "\"noop\"", "-1"), JsonTexts.Value));

    [Fact]
    public void Members_pass_through_byte_for_byte_and_in_order() => Gen.Select(Members, JsonTexts.Space).Sample((members, space) =>
    {
        string[] all =
        [
            "\"type\":\"op\"", .. members.Select(member => member.Text), "\"clientSequenceNumber\":1", "\"referenceSequenceNumber\":0",
        ];

        var op = Read($"{{{space}{string.Join(space + "," + space, all)}{space}}}");

        Assert.Equal(string.Join(",", members.Where(member => member.Passes).Select(member => member.Text)), Text(op.Members));
    }, iter: 3000);

    [Fact]
    public void Contents_are_the_slice_of_the_last_member_of_that_name() => JsonTexts.Value.Array[1, 3].Sample(values =>
    {
        var contents = string.Join(",", values.Select(value => $"\"contents\": {value}"));

        var op = Read($$"""{"type":"op",{{contents}},"clientSequenceNumber":1,"z":0,"referenceSequenceNumber":0}""");

        Assert.Equal(values[^1], Text(op.Contents));
    }, iter: 2000);

    [Fact]
    public void Any_bytes_give_an_op_or_one_of_the_two_named_exceptions() =>
        JsonTexts.Damaged(JsonTexts.ObjectOf(OpMember)).Sample(bytes =>
        {
            try
            {
                Read(bytes);
            }
            catch (Exception e) when (e is MalformedMessageException or JsonException)
            {
                Assert.NotEmpty(e.Message);
            }
        }, iter: 20_000);
}
