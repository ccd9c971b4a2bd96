using CsCheck;
using static Levee.Protocol.Tests.Sample;

namespace Levee.Protocol.Tests;

/// <summary>The one encoded form: exact bytes, and back again.</summary>
public sealed class SequencedMessageTests
{
    private static readonly ReadOnlyMemory<byte> AnnDetail = Bytes(
        """{"details":{"capabilities":{"interactive":true}},"permission":[],"mode":"write","user":{"id":"ann"},"scopes":["doc:read","doc:write"]}""");

    public static TheoryData<string, string> Golden => new()
    {
        {
            "op",
            """{"clientId":"a4b732c2-1","clientSequenceNumber":1,"minimumSequenceNumber":1,"referenceSequenceNumber":1,"sequenceNumber":2,"timestamp":1795475101965,"type":"op","contents":"{\"type\":\"component\"}","metadata":{"batch":true},"compression":"lz4"}"""
        },
        {
            "noop",
            """{"clientId":null,"clientSequenceNumber":-1,"minimumSequenceNumber":1,"referenceSequenceNumber":-1,"sequenceNumber":2,"timestamp":1795475101965,"type":"noop","contents":null}"""
        },
        {
            "join",
            """{"clientId":null,"clientSequenceNumber":-1,"minimumSequenceNumber":0,"referenceSequenceNumber":-1,"sequenceNumber":1,"timestamp":1795475101965,"type":"join","contents":null,"data":"{\"clientId\":\"a4b732c2-1\",\"detail\":{\"details\":{\"capabilities\":{\"interactive\":true}},\"permission\":[],\"mode\":\"write\",\"user\":{\"id\":\"ann\"},\"scopes\":[\"doc:read\",\"doc:write\"]}}"}"""
        },
        {
            "leave",
            """{"clientId":null,"clientSequenceNumber":-1,"minimumSequenceNumber":3,"referenceSequenceNumber":-1,"sequenceNumber":3,"timestamp":1795475101965,"type":"leave","contents":null,"data":"\"a4b732c2-1\""}"""
        },
        {
            "summaryAck",
            """{"clientId":null,"clientSequenceNumber":-1,"minimumSequenceNumber":134,"referenceSequenceNumber":-1,"sequenceNumber":136,"timestamp":1795475101965,"type":"summaryAck","contents":{"handle":"5805dff7","summaryProposal":{"summarySequenceNumber":135}},"data":"{\"handle\":\"5805dff7\",\"summaryProposal\":{\"summarySequenceNumber\":135}}"}"""
        },
        {
            "summaryNack",
            """{"clientId":null,"clientSequenceNumber":-1,"minimumSequenceNumber":134,"referenceSequenceNumber":-1,"sequenceNumber":136,"timestamp":1795475101965,"type":"summaryNack","contents":{"message":"no \"such\" parent","summaryProposal":{"summarySequenceNumber":135}},"data":"{\"message\":\"no \\\"such\\\" parent\",\"summaryProposal\":{\"summarySequenceNumber\":135}}"}"""
        },
    };

    [Theory]
    [MemberData(nameof(Golden))]
    public void Every_kind_of_message_has_these_exact_bytes(string kind, string json)
    {
        Assert.Equal(json, Text(Encode(Make(kind))));
        AssertSame(Make(kind), SequencedMessageReader.Read(Bytes(json)));
    }

    [Theory]
    [InlineData("with \"quotes\" and \\", "\"with \\\"quotes\\\" and \\\\\"")]
    [InlineData("zwölf 😀\n", "\"zwölf \\uD83D\\uDE00\\n\"")]
    [InlineData("", "\"\"")]
    public void Names_are_escaped_where_json_demands_it(string type, string json)
    {
        var message = Message(1, 0, type, clientId: type);

        var bytes = Encode(message);

        Assert.Contains($"\"type\":{json}", Text(bytes), StringComparison.OrdinalIgnoreCase);
        Assert.Equal(type, SequencedMessageReader.Read(Encode(message with { Type = "op" })).ClientId);
    }

    [Fact]
    public void The_widest_numbers_and_names_fit()
    {
        var name = new string('\u0001', 300);
        var message = Message(long.MaxValue, long.MinValue, name, name, long.MinValue, long.MinValue) with { Timestamp = long.MinValue };

        AssertSame(message, SequencedMessageReader.Read(Encode(message)));
    }

    [Fact]
    public void What_was_written_is_read_back_with_the_same_members() => Gen
        .Select(Gen.Long[1, long.MaxValue], Gen.Long, Gen.String, JsonTexts.Member(JsonTexts.Name, JsonTexts.Value).Array[0, 5])
        .Sample((first, second, text, members) =>
        {
            var name = "t" + string.Concat(text.Where(c => !char.IsSurrogate(c)));
            var message = Message(first, second, name, name, first, second, Bytes(string.Join(",", members)));

            AssertSame(message, SequencedMessageReader.Read(Encode(message)));
        }, iter: 3000);

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("[]")]
    [InlineData("5")]
    [InlineData("\"type\"")]
    [InlineData("{}")]
    [InlineData("""{"type":"op"}""")]
    [InlineData("""{"sequenceNumber":1}""")]
    [InlineData("""{"type":5,"sequenceNumber":1}""")]
    [InlineData("""{"type":"op","sequenceNumber":"1"}""")]
    [InlineData("""{"clientId":5,"type":"op","sequenceNumber":1}""")]
    [InlineData("""{"type":"op","sequenceNumber":1""")]
    [InlineData("""{"type":"op","sequenceNumber":1,"contents":""")]
    [InlineData("""{"type":"op","sequenceNumber":1} """)]
    [InlineData("""{"type":"\ud800","sequenceNumber":1}""")]
    public void Other_bytes_are_no_such_message(string json) =>
        Assert.Throws<MalformedMessageException>(() => SequencedMessageReader.Read(Bytes(json)));

    [Fact]
    public void Any_bytes_give_a_message_or_the_named_exception()
    {
        var message = JsonTexts.Member(JsonTexts.Name, JsonTexts.Value).Array[0, 3]
            .Select(members => Text(Encode(Message(3, 2, members: Bytes(string.Join(",", members))))));
        JsonTexts.Damaged(message).Sample(bytes =>
        {
            try
            {
                SequencedMessageReader.Read(bytes);
            }
            catch (MalformedMessageException e)
            {
                Assert.NotEmpty(e.Message);
            }
        }, iter: 10_000);
    }

    internal static void AssertSame(SequencedDocumentMessage expected, SequencedDocumentMessage actual)
    {
        Assert.Equal(Text(expected.Members), Text(actual.Members));
        Assert.Equal(expected with { Members = default }, actual with { Members = default });
    }

    private static SequencedDocumentMessage Make(string kind) => kind switch
    {
        "op" => Message(2, 1, clientId: "a4b732c2-1", rsn: 1, members: Bytes(
            "\"contents\":" + """
            "{\"type\":\"component\"}","metadata":{"batch":true},"compression":"lz4"
            """)),
        "noop" => Service(2, 1, MessageType.NoOp, Bytes("\"contents\":null")),
        "join" => Service(1, 0, MessageType.Join, SystemMessage.Join("a4b732c2-1", ClientDetail.Parse(AnnDetail))),
        "leave" => Service(3, 3, MessageType.Leave, SystemMessage.Leave("a4b732c2-1")),
        "summaryAck" => Service(136, 134, MessageType.SummaryAck, new SummaryAnswer(135, "5805dff7", null).ToMembers()),
        _ => Service(136, 134, MessageType.SummaryNack, new SummaryAnswer(135, null, "no \"such\" parent").ToMembers()),
    };
}
