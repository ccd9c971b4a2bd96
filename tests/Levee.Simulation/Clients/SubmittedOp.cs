using System.Text;
using System.Text.Json;
using Levee.Protocol;
using Levee.Sessions;

namespace Levee.Simulation;

/// <summary>One op as a client gave it to its connection.</summary>
internal sealed class SubmittedOp
{
    private static readonly byte[] Name = "\"contents\":"u8.ToArray();

    public required long ClientSequenceNumber { get; init; }

    public required long ReferenceSequenceNumber { get; init; }

    public required string Type { get; init; }

    /// <summary>The JSON of its contents; null for none at all.</summary>
    public byte[]? Contents { get; init; }

    /// <summary>What a summary proposes, when the op is one.</summary>
    public SummaryClaim? Summary { get; init; }

    /// <summary>The batch that it is part of.</summary>
    public SubmittedBatch Batch { get; set; } = null!;

    /// <summary>Where it stands in its batch.</summary>
    public int Index { get; set; }

    public DocumentMessage ToMessage()
    {
        byte[] members = Contents is null ? [] : [.. Name, .. Contents];
        return new DocumentMessage
        {
            Type = Type,
            ClientSequenceNumber = ClientSequenceNumber,
            ReferenceSequenceNumber = ReferenceSequenceNumber,
            Members = members,
            Contents = Contents is null ? default : members.AsMemory(Name.Length),
        };
    }

    /// <summary>The same op, with a summary for its contents.</summary>
    public SubmittedOp With(SummaryClaim claim) => new()
    {
        ClientSequenceNumber = ClientSequenceNumber,
        ReferenceSequenceNumber = ReferenceSequenceNumber,
        Type = Type,
        Contents = JsonSerializer.SerializeToUtf8Bytes(JsonSerializer.Serialize(
            new { handle = claim.Handle, head = claim.Head, message = "summary", parents = claim.Parents })),
        Summary = claim,
    };

    public static byte[] Text(string text) => Encoding.UTF8.GetBytes($"\"{text}\"");
}

/// <summary>Ops that are submitted together.</summary>
internal sealed class SubmittedBatch
{
    public SubmittedBatch(IReadOnlyList<SubmittedOp> ops)
    {
        Ops = ops;
        for (var i = 0; i < ops.Count; i++)
        {
            ops[i].Batch = this;
            ops[i].Index = i;
        }
    }

    public IReadOnlyList<SubmittedOp> Ops { get; }

    public Submission ToSubmission()
    {
        DocumentMessage[] messages = [.. Ops.Select(op => op.ToMessage())];
        return new Submission(messages, messages.Sum(message => message.Members.Length), this);
    }
}

/// <summary>What a client proposes as the document's new head.</summary>
/// <param name="Handle">The tree that it says it has stored.</param>
/// <param name="Body">The blob of that tree.</param>
/// <param name="Head">What it builds on; empty for nothing.</param>
/// <param name="Parents">The versions that it names.</param>
internal sealed record SummaryClaim(string Handle, string Body, string Head, IReadOnlyList<string> Parents);
