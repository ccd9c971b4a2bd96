using System.Text.Json.Nodes;

namespace Levee.Server.Tests.Documents;

/// <summary>A document that was created with a summary: what its clients are told, and how the next summary builds on it.</summary>
public sealed class InitialSummaryTests(LeveeServerFixture fixture) : IClassFixture<LeveeServerFixture>
{
    [Fact]
    public async Task Clients_start_from_it_and_the_next_summary_builds_on_it()
    {
        var document = TestDocument.Unknown(fixture.Server);
        await document.AskAsync(HttpMethod.Post, $"/documents/{document.Tenant}", JsonNode.Parse($$$"""
            {"id":"{{{document.Id}}}","sequenceNumber":10,"values":[],"summary":{"type":1,"tree":{
              ".app":{"type":1,"tree":{".channels":{"type":1,"tree":{"a":{"type":2,"content":"initial","encoding":"utf-8"} } } } },
              ".protocol":{"type":1,"tree":{} } } } }
            """)!);
        var upload = new SummaryUpload(document);
        var initial = (await document.ReadHeadAsync())!;
        await using var client = await document.ConnectAsync();
        Json.AssertEqual(
            Json.Of(new { handle = initial, sequenceNumber = 10 }), client.Connected.GetProperty("summaryContext"));
        Assert.Equal(10, client.Connected.Number("checkpointSequenceNumber"));
        Assert.Equal(11, (await client.ReceiveAsync(message => message.IsJoinOf(client.Id))).SequenceNumber());

        var tree = await upload.WriteTreeOfAsync(
            SummaryUpload.Entry(".channels", "040000", "/.channels"),
            SummaryUpload.Entry("new", "100644", await upload.WriteBlobAsync("new")));
        var commit = await upload.CommitAndMoveRefAsync(tree, initial);
        Assert.Equal(initial, await document.ReadHeadAsync());
        await client.WriteAsync(client.Op(SummaryUpload.Contents(commit, initial, initial), reference: 11, type: "summarize"));
        var ack = await client.EventAsync("summaryAck");

        var head = await document.ReadHeadAsync();
        Assert.Equal(ack.GetProperty("contents").Text("handle"), head);
        Assert.Equal(initial, Assert.Single((await upload.ReadCommitAsync(head!)).GetProperty("parents").EnumerateArray()).Text("sha"));
        var files = await upload.ReadFilesAsync(head!);
        Assert.Equal(("initial", "new"), (files[".channels/a"], files["new"]));
        Json.AssertEqual(Json.Of(new { minimumSequenceNumber = 10, sequenceNumber = 11 }), Json.Of(files[".protocol/attributes"]));
    }
}
