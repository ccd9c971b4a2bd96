using System.Text.Json;
using CsCheck;
using static Levee.Protocol.Tests.Sample;

namespace Levee.Protocol.Tests;

/// <summary>Checkpoints that are whole come back; all others are refused without an exception.</summary>
public sealed class CheckpointCodecTests
{
    [Fact]
    public void The_quorum_of_each_number_above_the_minimum_comes_back()
    {
        var state = DocumentState.Initial(0, []);
        state.Join("slow", Detail("slow"), false, 1);
        state.Join("short", Detail("short"), false, 2);
        state.TryLeave("short", 3, out _);

        var decoded = CheckpointCodec.Decode(CheckpointCodec.Encode(state))!;
        decoded.Join("S", Detail("S", summarizer: true), true, 4);
        decoded.Ticket("S", Op(1, 2, MessageType.Summarize, "{}"), 5);

        Assert.Equal(["slow", "short"], Assert.Single(decoded.PendingSummaries).Quorum.Members.Values.Select(m => m.ClientId));
        Assert.Equal(["slow", "S"], decoded.Quorum.Members.Values.Select(m => m.ClientId));
    }

    [Theory]
    [InlineData(55)]
    [InlineData(62)]
    public void A_client_with_a_deeply_nested_record_does_not_spoil_it(int depth)
    {
        var state = DocumentState.Initial(0, []);
        var deep = new string('[', depth) + new string(']', depth);
        state.Join("S", ClientDetail.Create(
            Bytes($$"""{"details":{"type":"summarizer"},"x":{{deep}}}"""), Bytes("{}"), [Scopes.SummaryWrite], ConnectionMode.Write), true, 1);
        state.Ticket("S", Op(1, 1, MessageType.Propose, $$"""{"key":"k","value":{{deep}}}"""), 2);
        state.Ticket("S", Op(2, 1, MessageType.Summarize, "{}"), 2);

        var decoded = CheckpointCodec.Decode(CheckpointCodec.Encode(state));

        Assert.Equal(Text(QuorumJson.Members(state.Quorum)), Text(QuorumJson.Members(decoded!.Quorum)));
    }

    [Fact]
    public void A_proposal_that_is_nested_deeper_than_any_frame_proposes_nothing()
    {
        var state = DocumentState.Initial(0, []);
        state.Join("A", Detail(), false, 1);
        var deep = new string('[', 100) + new string(']', 100);

        state.Ticket("A", Op(1, 0, MessageType.Propose, JsonSerializer.Serialize($$"""{"key":"k","value":{{deep}}}""")), 2);

        Assert.Empty(state.Quorum.Proposals);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"version":1}""")]
    [InlineData("""{"version":"1"}""")]
    public void Other_bytes_are_no_checkpoint(string json) => Assert.Null(CheckpointCodec.Decode(Bytes(json)));

    [Fact]
    public void Another_version_is_not_read()
    {
        var json = Text(CheckpointCodec.Encode(DocumentState.Initial(7, [])));

        Assert.StartsWith("{\"version\":1,", json);
        Assert.NotNull(CheckpointCodec.Decode(Bytes(json)));
        Assert.Null(CheckpointCodec.Decode(Bytes(json.Replace("{\"version\":1,", "{\"version\":0,"))));
    }

    [Fact]
    public void A_client_that_is_in_the_quorum_twice_is_damage()
    {
        var state = DocumentState.Initial(0, []);
        state.Join("one", Detail(), false, 1);
        state.Join("two", Detail(), false, 1);
        var json = Text(CheckpointCodec.Encode(state));

        Assert.Null(CheckpointCodec.Decode(Bytes(json.Replace("\"two\"", "\"one\""))));
    }

    [Fact]
    public void Damaged_bytes_are_refused_and_never_throw()
    {
        var checkpoints = Step.Script.Select(steps => Text(CheckpointCodec.Encode(Run.Of(steps).State)));
        JsonTexts.Damaged(checkpoints).Sample(bytes => { CheckpointCodec.Decode(bytes); }, iter: 5000);
    }
}
