using CsCheck;

namespace Levee.Protocol.Tests;

/// <summary>One thing that happens to a document. The choices become numbers of the moment when it is run.</summary>
/// <param name="Kind">What happens.</param>
/// <param name="Client">Which of a few clients.</param>
/// <param name="Csn">Distance from the CSN that is due.</param>
/// <param name="Rsn">Which RSN: a place between the MSN (0) and the SN (100), or one of the wrong ones above that.</param>
/// <param name="Type">The type of the op.</param>
/// <param name="Contents">The contents of the op; null for none.</param>
/// <param name="Clock">Milliseconds by which the clock moves, perhaps back.</param>
internal sealed record Step(StepKind Kind, int Client, int Csn, int Rsn, string Type, string? Contents, int Clock)
{
    private const int Stale = 101;
    private const int Future = 102;
    private const int Negative = 103;
    private const int Now = 104;

    private static readonly Gen<StepKind> Kinds = Gen.Frequency(
        (3, Gen.Const(StepKind.Join)), (2, Gen.Const(StepKind.Leave)), (12, Gen.Const(StepKind.Submit)),
        (1, Gen.Const(StepKind.Refer)), (1, Gen.Const(StepKind.Timer)), (1, Gen.Const(StepKind.Ack)), (1, Gen.Const(StepKind.Nack)),
        (1, Gen.Const(StepKind.NoClient)));

    private static readonly Gen<int> Csns = Gen.Frequency((20, Gen.Const(0)), (1, Gen.Int[-3, 3]));

    private static readonly Gen<int> Rsns = Gen.Frequency(
        (10, Gen.Int[0, 100]), (10, Gen.Const(100)), (1, Gen.Int[Stale, Negative]), (1, Gen.Const(Now)));

    private static readonly Gen<string> Types = Gen.Frequency(
        (6, Gen.Const("op")), (4, Gen.Const("noop")), (3, Gen.Const("propose")), (3, Gen.Const("summarize")),
        (1, Gen.OneOf("accept", "join", "leave", "summaryAck", "control", "noClient", "summaryNack")));

    // Proposals that can be read are needed often, as an object and as text; the others are no proposals.
    private static readonly Gen<string?> Bodies = Gen.OneOf<string?>(
        null, "null", "\"x\"", "{\"key\":\"code\",\"value\":[1]}", "\"{\\\"key\\\":\\\"code\\\",\\\"value\\\":\\\"b\\\"}\"",
        "{\"key\":\"k\",\"value\":null}", "{\"value\":1}", "{\"key\":5,\"value\":1}", "\"{\\\"\\\\ud800\\\":1}\"", "{\"\\udc00\":{}}",
        "\"{\\\"key\\\":\"", "\"\\ud800\"");

    /// <summary>What happens to a document over some time.</summary>
    public static Gen<Step[]> Script { get; } = Gen
        .Select(Kinds, Gen.Int[0, 4], Csns, Rsns, Types, Bodies, Gen.Int[-20, 100])
        .Select((kind, client, csn, rsn, type, contents, clock) => new Step(kind, client, csn, rsn, type, contents, clock))
        .Array[0, 70];

    /// <summary>The client's id.</summary>
    public string ClientId => "client-" + Client;

    /// <summary>Clients 3 and 4 are summarizers.</summary>
    public bool IsSummarizer => Client >= 3;

    /// <summary>The RSN that is meant, at a moment with these numbers.</summary>
    public long RsnAt(long sn, long msn) => Rsn switch
    {
        Stale => Math.Max(msn - 1, -1),
        Future => sn + 1,
        Negative => -2,
        Now => -1,
        _ => msn + ((sn - msn) * Rsn / 100),
    };
}

/// <summary>What can happen to a document.</summary>
internal enum StepKind
{
    Join,
    Leave,
    Submit,
    Refer,
    Timer,
    Ack,
    Nack,
    NoClient,
}
