using static Levee.Protocol.Tests.QuorumSnapshotTests;
using static Levee.Protocol.Tests.Sample;

namespace Levee.Protocol.Tests;

/// <summary>The three lists of a summary's <c>.protocol</c>, byte for byte.</summary>
public sealed class QuorumJsonTests
{
    private static readonly ReadOnlyMemory<byte> InitialValues = Bytes(
        """[["code",{"key":"code","value":{"package":"no-dynamic-package","config":{}},"approvalSequenceNumber":0,"commitSequenceNumber":0,"sequenceNumber":0}]]""");

    [Fact]
    public void Members_are_pairs_of_id_and_record()
    {
        var detail = ClientDetail.Parse(Bytes("""{"permission":[],"user":{"id":"ann", "name":"ann"},"mode":"write"}"""));
        var quorum = QuorumSnapshot.Initial(0, [])
            .After(Service(1, 0, MessageType.Join, SystemMessage.Join("a4b7", detail)));

        AssertList(
            """[["a4b7",{"client":{"permission":[],"user":{"id":"ann", "name":"ann"},"mode":"write"},"sequenceNumber":1}]]""",
            QuorumJson.Members(quorum));
    }

    [Fact]
    public void Proposals_are_triples_with_an_empty_list_of_rejections()
    {
        var quorum = QuorumSnapshot.Initial(0, []).After(Propose(7, 0, """{"key":"code","value":{"a": 1}}"""));

        AssertList("""[[7,{"sequenceNumber":7,"key":"code","value":{"a": 1}},[]]]""", QuorumJson.Proposals(quorum));
    }

    [Fact]
    public void Values_are_pairs_of_key_and_value()
    {
        var quorum = QuorumSnapshot.Initial(0, [])
            .After(Propose(7, 0, """{"key":"code","value":{"a": 1}}""")).After(Message(9, 7));

        AssertList(
            """[["code",{"key":"code","value":{"a": 1},"approvalSequenceNumber":9,"commitSequenceNumber":-1,"sequenceNumber":7}]]""",
            QuorumJson.Values(quorum));
    }

    [Fact]
    public void An_empty_quorum_has_three_empty_lists()
    {
        var quorum = QuorumSnapshot.Initial(0, []);

        AssertList("[]", QuorumJson.Members(quorum));
        AssertList("[]", QuorumJson.Proposals(quorum));
        AssertList("[]", QuorumJson.Values(quorum));
    }

    [Fact]
    public void The_values_of_a_new_document_come_back_as_they_were_sent() =>
        AssertList(Text(InitialValues), QuorumJson.Values(QuorumSnapshot.Initial(0, QuorumJson.ReadValues(InitialValues))));

    [Fact]
    public void A_value_without_a_commit_number_has_none() =>
        Assert.Equal(-1, Assert.Single(QuorumJson.ReadValues(Bytes(
            """ [ [ "k" , {"value":1,"approvalSequenceNumber":2,"sequenceNumber":1} , [[1]] , 5 ] ] """))).CommitSequenceNumber);

    [Fact]
    public void What_was_written_is_read_back()
    {
        var quorum = QuorumSnapshot.Initial(0, QuorumJson.ReadValues(InitialValues))
            .After(Join(1, "A")).After(Join(2, "B")).After(Propose(3, 0, """{"key":"k","value":[[]]}"""));

        Assert.Equal([("A", 1), ("B", 2)], QuorumJson.ReadMembers(QuorumJson.Members(quorum)).Select(m => (m.ClientId, m.SequenceNumber)));
        Assert.Equal([(3, "k", "[[]]")], QuorumJson.ReadProposals(QuorumJson.Proposals(quorum))
            .Select(p => (p.SequenceNumber, p.Key, Text(p.Value))));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("[")]
    [InlineData("[[")]
    [InlineData("[1]")]
    [InlineData("[[]]")]
    [InlineData("""[["code"]]""")]
    [InlineData("""[["code",5]]""")]
    [InlineData("""[[5,{"value":1,"approvalSequenceNumber":0,"sequenceNumber":0}]]""")]
    [InlineData("""[["code",{"approvalSequenceNumber":0,"sequenceNumber":0}]]""")]
    [InlineData("""[["code",{"value":1,"sequenceNumber":0}]]""")]
    [InlineData("""[["code",{"value":1,"approvalSequenceNumber":"0","sequenceNumber":0}]]""")]
    [InlineData("""[["\ud800",{"value":1,"approvalSequenceNumber":0,"sequenceNumber":0}]]""")]
    [InlineData("""[["code",{"value":1,"approvalSequenceNumber":0,"sequenceNumber":0}],5]""")]
    public void Lists_of_another_form_are_refused_by_name(string json) =>
        Assert.NotEmpty(Assert.Throws<MalformedMessageException>(() => QuorumJson.ReadValues(Bytes(json))).Message);

    private static void AssertList(string expected, byte[] actual) => Assert.Equal(expected, Text(actual));
}
