using static Levee.Protocol.Tests.Sample;

namespace Levee.Protocol.Tests;

/// <summary>What the service says in <c>data</c>; the exact bytes are among those of <see cref="SequencedMessageTests"/>.</summary>
public sealed class SystemMessageTests
{
    [Theory]
    [InlineData("A")]
    [InlineData("with \"quotes\", \\ and 😀")]
    public void A_join_and_a_leave_name_their_client(string clientId)
    {
        var detail = ClientDetail.Parse(Bytes("""{"x": "\ud800", "é":"\\\"", "mode":"write"}"""));

        var member = SystemMessage.ReadJoin(Service(7, 0, MessageType.Join, SystemMessage.Join(clientId, detail)));

        Assert.Equal((clientId, 7, Text(detail.Json)), (member!.ClientId, member.SequenceNumber, Text(member.Detail.Json)));
        Assert.Equal(clientId, SystemMessage.ReadLeave(Service(8, 0, MessageType.Leave, SystemMessage.Leave(clientId))));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\"data\":null")]
    [InlineData("\"data\":\"null\"")]
    [InlineData("\"data\":\"{}\"")]
    [InlineData("\"data\":\"{\\\"clientId\\\":\\\"A\\\"}\"")]
    [InlineData("\"data\":\"{\\\"clientId\\\":5,\\\"detail\\\":{}}\"")]
    public void Data_that_name_nobody_are_nobodys(string members)
    {
        Assert.Null(SystemMessage.ReadJoin(Service(1, 0, MessageType.Join, Bytes(members))));
        Assert.Null(SystemMessage.ReadLeave(Service(1, 0, MessageType.Leave, Bytes(members))));
    }
}
