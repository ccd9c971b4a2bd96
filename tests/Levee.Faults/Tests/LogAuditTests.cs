using System.Text.Json;
using Levee.Faults.Record;

namespace Levee.Faults.Tests;

/// <summary>The audit finds each way in which a log can be wrong, and nothing in one that is right.</summary>
public sealed class LogAuditTests
{
    private const string Initial = "0000000000000000000000000000000000000000";

    private readonly DocumentRecord _record = new("document", Initial);
    private readonly LogAudit _audit;

    public LogAuditTests()
    {
        _audit = new LogAudit(_record);
        _record.Connected("a", new ClientIdentity("ann", 1));
        _record.Connected("b", new ClientIdentity("bob", 2));
        _record.Uploaded(new UploadedSummary("tree", new Dictionary<string, byte[]>()));
    }

    [Fact]
    public void Accepts_a_log_that_keeps_the_rules()
    {
        Read(
            Join(1, "a"), Op(2, "a", 1, "ann", 1), Op(3, "a", 2, "ann", 2, at: 0, of: 2), Op(4, "a", 3, "ann", 3, at: 1, of: 2), NoOp(5),
            Summarize(6, "a", 4, reference: 2), Acknowledge(7, proposal: 6), Leave(8, "a"), Join(9, "b"), Op(10, "b", 1, "bob", 1));
        _record.Acknowledge("ann", 3);
        _audit.RequireEnd(10, _record.Acknowledged);
        Assert.Equal((10, 4, 0), (_audit.Through, _audit.Ops, _audit.Pending));
        Assert.Equal(["b"], _audit.Present);
        Assert.Equal("commit", _audit.Head);
        Assert.Equal(["a"], Assert.Single(_audit.Summaries).Members);
    }

    [Fact]
    public void Reports_a_number_that_is_left_out() => Refuses(Op(3, "a", 1, "ann", 1), Join(1, "a"));

    [Fact]
    public void Reports_a_number_that_comes_twice() => Refuses(Join(1, "b"), Join(1, "a"));

    [Fact]
    public void Reports_an_MSN_that_falls() => Refuses(NoOp(3, minimum: 1), Join(1, "a"), NoOp(2, minimum: 2));

    [Fact]
    public void Reports_an_MSN_above_the_number() => Refuses(NoOp(2, minimum: 3), Join(1, "a"));

    [Fact]
    public void Reports_an_op_that_refers_below_the_MSN() =>
        Refuses(Op(4, "a", 1, "ann", 1, reference: 1), Join(1, "a"), NoOp(2), NoOp(3, minimum: 2));

    [Fact]
    public void Reports_an_op_of_who_is_not_there() => Refuses(Op(3, "a", 1, "ann", 1), Join(1, "a"), Leave(2, "a"));

    [Fact]
    public void Reports_an_op_in_the_name_of_another() => Refuses(Op(2, "a", 1, "bob", 1), Join(1, "a"));

    [Fact]
    public void Reports_a_client_that_joins_twice() => Refuses(Join(2, "a"), Join(1, "a"));

    [Fact]
    public void Reports_a_client_that_comes_again() => Refuses(Join(3, "a"), Join(1, "a"), Leave(2, "a"));

    [Fact]
    public void Reports_a_client_that_leaves_twice() => Refuses(Leave(3, "a"), Join(1, "a"), Leave(2, "a"));

    [Fact]
    public void Reports_a_ghost_when_somebody_joins() => Refuses(Join(2, "b"), Join(1, "a"));

    [Fact]
    public void Reports_a_number_of_the_client_that_comes_twice() => Refuses(Op(3, "a", 1, "ann", 2), Join(1, "a"), Op(2, "a", 1, "ann", 1));

    [Fact]
    public void Reports_an_op_that_is_sequenced_twice() => Refuses(Op(3, "a", 2, "ann", 1), Join(1, "a"), Op(2, "a", 1, "ann", 1));

    [Fact]
    public void Reports_an_op_that_is_left_out() => Refuses(Op(3, "a", 2, "ann", 3), Join(1, "a"), Op(2, "a", 1, "ann", 1));

    [Fact]
    public void Reports_what_comes_amid_a_batch() => Refuses(NoOp(3), Join(1, "a"), Op(2, "a", 1, "ann", 1, at: 0, of: 2));

    [Fact]
    public void Reports_a_batch_without_its_beginning() => Refuses(Op(2, "a", 1, "ann", 1, at: 1, of: 2), Join(1, "a"));

    [Fact]
    public void Reports_a_batch_without_its_end()
    {
        Read(Join(1, "a"), Op(2, "a", 1, "ann", 1, at: 0, of: 2));
        Assert.Throws<ViolationException>(() => _audit.RequireEnd(2, _record.Acknowledged));
    }

    [Fact]
    public void Reports_a_message_that_somebody_saw_and_the_log_lacks()
    {
        _record.See(Json(Join(1, "a")), "ann");
        _record.See(Json(Op(2, "a", 1, "ann", 1)), "ann");
        Read(Join(1, "a"));
        var violation = Assert.Throws<ViolationException>(() => _audit.RequireEnd(_record.LastSeen, _record.Acknowledged));
        Assert.Equal("document: message 2 was seen, but the log ends at 1", violation.Message);
    }

    [Fact]
    public void Reports_a_message_that_somebody_saw_with_other_bytes()
    {
        _record.See(Json(Join(1, "a").Replace("\"type\":", "\"type\": ", StringComparison.Ordinal)), "ann");
        Refuses(Join(1, "a"));
    }

    [Fact]
    public void Reports_an_op_that_was_answered_and_the_log_lacks()
    {
        Read(Join(1, "a"), Op(2, "a", 1, "ann", 1));
        _record.Acknowledge("ann", 2);
        Assert.Throws<ViolationException>(() => _audit.RequireEnd(2, _record.Acknowledged));
    }

    [Fact]
    public void Reports_a_summary_that_is_answered_twice() =>
        Refuses(Acknowledge(4, proposal: 2), Join(1, "a"), Summarize(2, "a", 1, reference: 1), Acknowledge(3, proposal: 2));

    [Fact]
    public void Reports_a_good_summary_that_is_refused() => Refuses(
        Acknowledge(3, proposal: 2).Replace("summaryAck", "summaryNack", StringComparison.Ordinal), Join(1, "a"), Summarize(2, "a", 1, reference: 1));

    [Fact]
    public void Reports_an_acknowledgement_of_what_nobody_uploaded() =>
        Refuses(Acknowledge(3, proposal: 2), Join(1, "a"), Summarize(2, "a", 1, reference: 1, handle: "another"));

    private static string Join(long number, string clientId) => Service(number, "join", JsonSerializer.Serialize(new { clientId, detail = new { } }));

    private static string Leave(long number, string clientId) => Service(number, "leave", JsonSerializer.Serialize(clientId));

    private static string NoOp(long number, long minimum = 0) => Message(number, null, -1, -1, minimum, "noop", null);

    private static string Service(long number, string type, string data) => Message(number, null, -1, -1, 0, type, null, data);

    private static string Op(long number, string clientId, long own, string by, long count, int at = 0, int of = 1, long reference = 0) =>
        Message(number, clientId, own, reference, 0, "op", new OpContents(by, count, at, of, "").Write());

    private static string Summarize(long number, string clientId, long own, long reference, string handle = "tree") =>
        Message(number, clientId, own, reference, 0, "summarize", JsonSerializer.Serialize(new { handle, head = Initial }));

    private static string Acknowledge(long number, long proposal) => Message(
        number, null, -1, -1, 0, "summaryAck", new { handle = "commit", summaryProposal = new { summarySequenceNumber = proposal } });

    private static string Message(
        long sequenceNumber, string? clientId, long clientSequenceNumber, long referenceSequenceNumber, long minimum, string type, object? contents, string? data = null) =>
        JsonSerializer.Serialize(new
        {
            clientId,
            clientSequenceNumber,
            contents,
            minimumSequenceNumber = minimum,
            referenceSequenceNumber,
            sequenceNumber,
            type,
            data,
        });

    private static JsonElement Json(string message) => JsonSerializer.Deserialize<JsonElement>(message);

    private void Read(params string[] messages) => Array.ForEach(messages, message => _audit.Add(Json(message)));

    /// <summary>The messages before are right, and this one is not.</summary>
    private void Refuses(string message, params string[] before)
    {
        Read(before);
        Assert.Throws<ViolationException>(() => _audit.Add(Json(message)));
    }
}
