using System.Text.Json;
using Levee.Testing;

namespace Levee.Server.Tests.Documents;

/// <summary>Summaries over the wire, as Levee's own driver makes them: the contract, section 4, and the ordering rules.</summary>
public sealed class SummaryTests(LeveeServerFixture fixture) : IClassFixture<LeveeServerFixture>
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_summary_is_acknowledged_and_becomes_the_documents_head(bool contentsAreAnObject)
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        var upload = new SummaryUpload(document);
        await using var client = await document.ConnectAsync();
        await client.WriteAsync(client.Op("2"), client.Op("3", reference: 2));
        var uploaded = await upload.UploadAsync("one");
        Assert.Null(await document.ReadHeadAsync());

        var contents = contentsAreAnObject ? SummaryUpload.ObjectContents(uploaded, "") : SummaryUpload.Contents(uploaded, "");
        await client.WriteAsync(client.Op(contents, reference: 3, type: "summarize"));
        var told = await client.EventAsync("summaryAck");
        var ack = await client.ReceiveAsync(message => message.Type() == "summaryAck");

        // The event and the message in the stream are the same; contents and data say the same.
        Json.AssertEqual(ack, told);
        Assert.Null(ack.Text("clientId"));
        Assert.Equal(5, ack.SequenceNumber());
        Json.AssertEqual(ack.GetProperty("contents"), Json.Of(ack.Text("data")!));
        Assert.Equal(["handle", "summaryProposal"], ack.GetProperty("contents").MemberNames());
        Assert.Equal(4, ack.GetProperty("contents").GetProperty("summaryProposal").Number("summarySequenceNumber"));

        var head = await document.ReadHeadAsync();
        Assert.Equal(ack.GetProperty("contents").Text("handle"), head);
        Assert.NotEqual(uploaded, head);
        var commit = await upload.ReadCommitAsync(head!);
        Assert.Equal("summary", commit.Text("message"));
        Assert.Empty(commit.GetProperty("parents").EnumerateArray());
        var files = await upload.ReadFilesAsync(head!);
        Assert.Equal(
            [
                ".channels/a/body", ".protocol/attributes", ".protocol/quorumMembers", ".protocol/quorumProposals",
                ".protocol/quorumValues", "root.txt",
            ],
            files.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(("one", "root"), (files[".channels/a/body"], files["root.txt"]));
    }

    [Fact]
    public async Task The_protocol_tree_is_the_quorum_as_of_the_reference_of_the_op()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        var upload = new SummaryUpload(document);
        await using var client = await document.ConnectAsync();
        await client.WriteAsync(client.Op("""{"key":"code","value":{"package":"p"}}""", reference: 1, type: "propose"));
        await client.WriteAsync(client.Op(reference: 2));
        await client.WriteAsync(client.Op("""{"key":"late","value":1}""", reference: 3, type: "propose"));
        // After what the summary covers: none of this may be in it.
        await using var later = await document.ConnectAsync();
        var covered = (await client.ReceiveAsync(message => message.IsJoinOf(client.Id))).Text("data");
        var uploaded = await upload.UploadAsync("one");
        await client.WriteAsync(client.Op(SummaryUpload.Contents(uploaded, ""), reference: 4, type: "summarize"));
        await client.EventAsync("summaryAck");

        var files = await upload.ReadFilesAsync((await document.ReadHeadAsync())!);
        Json.AssertEqual(Json.Of(new { minimumSequenceNumber = 3, sequenceNumber = 4 }), Json.Of(files[".protocol/attributes"]));
        Json.AssertEqual(
            Json.Of(new object[] { new object[] { client.Id, new { client = Json.Of(covered!).GetProperty("detail"), sequenceNumber = 1 } } }),
            Json.Of(files[".protocol/quorumMembers"]));
        Json.AssertEqual(
            Json.Of("""[[4,{"sequenceNumber":4,"key":"late","value":1},[]]]"""), Json.Of(files[".protocol/quorumProposals"]));
        var value = Assert.Single(Json.Of(files[".protocol/quorumValues"]).EnumerateArray());
        Assert.Equal(("code", 2L), (value[0].GetString(), value[1].Number("sequenceNumber")));
        Json.AssertEqual(Json.Of("""{"package":"p"}"""), value[1].GetProperty("value"));
    }

    [Fact]
    public async Task A_second_summary_builds_on_the_first_and_names_unchanged_parts_by_path()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        var upload = new SummaryUpload(document);
        await using var client = await document.ConnectAsync();
        var first = await SummarizeAsync(client, await upload.UploadAsync("one"), "");
        await client.WriteAsync(client.Op());

        var tree = await upload.WriteTreeOfAsync(
            SummaryUpload.Entry("root.txt", "100644", await upload.WriteBlobAsync("changed")),
            SummaryUpload.Entry(".channels", "040000", "/.channels"));
        var second = await SummarizeAsync(client, await upload.CommitAndMoveRefAsync(tree, first), first, first);

        Assert.Equal(second, await document.ReadHeadAsync());
        var parent = Assert.Single((await upload.ReadCommitAsync(second)).GetProperty("parents").EnumerateArray());
        Assert.Equal(first, parent.Text("sha"));
        var files = await upload.ReadFilesAsync(second);
        Assert.Equal(("one", "changed"), (files[".channels/a/body"], files["root.txt"]));
        Assert.Contains(".protocol/attributes", files.Keys);
    }

    [Fact]
    public async Task A_path_at_which_there_is_nothing_is_refused()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        using var answer = await document.SendAsync(
            HttpMethod.Post,
            $"/repos/{document.Tenant}/git/trees",
            new { tree = new[] { SummaryUpload.Entry(".channels", "040000", "/.channels") } });
        Assert.Equal(400, (int)answer.StatusCode);
    }

    [Fact]
    public async Task A_summary_may_cover_nothing_but_the_beginning()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        var upload = new SummaryUpload(document);
        await using var client = await document.ConnectAsync();
        var handle = await upload.UploadAsync("one");
        await client.WriteAsync(client.Op(SummaryUpload.Contents(handle, ""), reference: 0, type: "summarize"));
        await client.EventAsync("summaryAck");
        var files = await upload.ReadFilesAsync((await document.ReadHeadAsync())!);
        Json.AssertEqual(Json.Of(new { minimumSequenceNumber = 0, sequenceNumber = 0 }), Json.Of(files[".protocol/attributes"]));
        Assert.Equal("[]", files[".protocol/quorumMembers"]);
    }

    [Fact]
    public async Task A_tree_is_as_good_a_handle_as_a_commit()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        var upload = new SummaryUpload(document);
        await using var client = await document.ConnectAsync();
        var head = await SummarizeAsync(client, await upload.WriteTreeAsync(("x", "y")), "");
        Assert.Equal("y", (await upload.ReadFilesAsync(head))["x"]);
    }

    [Fact]
    public async Task A_summary_with_an_outdated_head_is_refused_and_the_head_stays()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        var upload = new SummaryUpload(document);
        await using var client = await document.ConnectAsync();
        var first = await SummarizeAsync(client, await upload.UploadAsync("one"), "");
        await client.WriteAsync(client.Op());
        var second = await SummarizeAsync(client, await upload.UploadAsync("two", first), first, first);
        await client.WriteAsync(client.Op());
        Assert.Contains("does not match", await RefuseAsync(client, await upload.UploadAsync("three", first), first, first));

        Assert.Equal(second, await document.ReadHeadAsync());
        // Nobody is the worse for it: the next summary, on the right head, is taken.
        var third = await SummarizeAsync(client, await upload.UploadAsync("three", second), second, second);
        Assert.Equal("three", (await upload.ReadFilesAsync(third))[".channels/a/body"]);
    }

    [Fact]
    public async Task A_summary_without_a_head_is_refused_once_there_is_one()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        var upload = new SummaryUpload(document);
        await using var client = await document.ConnectAsync();
        var head = await SummarizeAsync(client, await upload.UploadAsync("one"), "");
        await client.WriteAsync(client.Op());
        await RefuseAsync(client, await upload.UploadAsync("two"), "");
        Assert.Equal(head, await document.ReadHeadAsync());
    }

    [Theory]
    [InlineData("0123456789012345678901234567890123456789")]
    [InlineData("no id at all")]
    [InlineData("")]
    public async Task A_handle_that_does_not_exist_is_refused(string handle)
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var client = await document.ConnectAsync();
        await RefuseAsync(client, handle, "");
        Assert.Null(await document.ReadHeadAsync());
        await client.WriteAsync(client.Op());
    }

    [Fact]
    public async Task A_parent_that_does_not_exist_is_refused()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var client = await document.ConnectAsync();
        var handle = await new SummaryUpload(document).UploadAsync("one");
        Assert.Contains("parent", await RefuseAsync(client, handle, "", "0123456789012345678901234567890123456789"));
    }

    [Theory]
    [InlineData("\"not json\"")]
    [InlineData("null")]
    [InlineData("7")]
    [InlineData("""{"parents":"x","handle":"y"}""")]
    public async Task Contents_of_another_form_are_refused_and_hurt_nobody(string contents)
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var client = await document.ConnectAsync();
        var reference = await client.PushRawAsync("submitOp", $$"""
            {"clientId":"{{client.Id}}","messages":[{"type":"summarize","clientSequenceNumber":1,"referenceSequenceNumber":1,"contents":{{contents}}}]}
            """.Trim());
        Assert.Equal("ok", (await client.ReplyAsync(reference)).Status);
        await client.EventAsync("summaryNack");
        await client.WriteAsync(DocumentClient.NumberedOp(2));
    }

    [Fact]
    public async Task Of_two_summaries_at_once_the_first_is_acknowledged_and_the_second_refused()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        var upload = new SummaryUpload(document);
        await using var client = await document.ConnectAsync();
        var one = await upload.UploadAsync("one");
        var two = await upload.UploadAsync("two");
        await client.WriteAsync(
            client.Op(SummaryUpload.Contents(one, ""), type: "summarize"), client.Op(SummaryUpload.Contents(two, ""), type: "summarize"));

        var ack = await client.EventAsync("summaryAck");
        var nack = await client.EventAsync("summaryNack");
        Assert.Equal((2, 3), (Answered(ack), Answered(nack)));
        Assert.Equal([1, 2, 3, 4, 5], (await client.ReceiveThroughAsync(5)).SequenceNumbers());
        Assert.Equal(ack.GetProperty("contents").Text("handle"), await document.ReadHeadAsync());
        Assert.Equal("one", (await upload.ReadFilesAsync((await document.ReadHeadAsync())!))[".channels/a/body"]);
    }

    [Fact]
    public async Task A_summarize_without_the_scope_is_nacked_and_not_sequenced()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var client = await document.ConnectAsync(TestTokens.ReadWrite(document.Id));
        var handle = await new SummaryUpload(document).UploadAsync("one");
        Assert.Equal("error", (await client.SubmitAsync(client.Op(SummaryUpload.Contents(handle, ""), type: "summarize"))).Status);
        Assert.Equal(403, (await client.NackAsync()).GetProperty("content").Number("code"));
        Assert.Single(await document.ReadDeltasAsync());
        Assert.Null(await document.ReadHeadAsync());
    }

    [Fact]
    public async Task Moving_the_documents_ref_moves_its_head_no_more_than_its_creation_did()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        var upload = new SummaryUpload(document);
        await using var client = await document.ConnectAsync();
        var head = await SummarizeAsync(client, await upload.UploadAsync("one"), "");
        await upload.UploadAsync("two", head);
        Assert.Equal(head, await document.ReadHeadAsync());
    }

    [Theory, InEachFormat]
    public async Task All_formats_see_the_answer_as_an_event_and_in_the_stream(ChannelFormat format)
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var writer = await document.ConnectAsync();
        await using var reader = await document.ConnectAsync(mode: "read", format: format);
        await RefuseAsync(writer, "nothing", "");
        var told = await reader.EventAsync("summaryNack");
        Json.AssertEqual(await reader.ReceiveAsync(message => message.Type() == "summaryNack"), told);
        Assert.Equal(["message", "summaryProposal"], told.GetProperty("contents").MemberNames());
    }

    private static long Answered(JsonElement answer) =>
        answer.GetProperty("contents").GetProperty("summaryProposal").Number("summarySequenceNumber");

    private static async Task<string> SummarizeAsync(DocumentClient client, string handle, string head, params string[] parents)
    {
        await client.WriteAsync(client.Op(SummaryUpload.Contents(handle, head, parents), type: "summarize"));
        var ack = await client.EventAsync("summaryAck");
        await client.AssertNoneAsync("summaryNack");
        return ack.GetProperty("contents").Text("handle")!;
    }

    private static async Task<string> RefuseAsync(DocumentClient client, string handle, string head, params string[] parents)
    {
        await client.WriteAsync(client.Op(SummaryUpload.Contents(handle, head, parents), type: "summarize"));
        var nack = await client.EventAsync("summaryNack");
        await client.AssertNoneAsync("summaryAck");
        Json.AssertEqual(nack.GetProperty("contents"), Json.Of(nack.Text("data")!));
        return nack.GetProperty("contents").Text("message")!;
    }
}
