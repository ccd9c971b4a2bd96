using System.ComponentModel.DataAnnotations;

namespace Levee.Gateway.Documents;

/// <summary>What a client of a document may send, in whichever dialect (section <c>Levee:Documents</c>).</summary>
public sealed class DocumentOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Levee:Documents";

    /// <summary>
    /// The largest op in bytes; a larger one is nacked with 413. Levee's clients are told it as <c>maxMessageSize</c>, stock Fluid clients
    /// the size that they expect to be told and need not keep. Default 1 MiB.
    /// </summary>
    [Range(1024, 1 << 28)]
    public int MaxMessageBytes { get; set; } = 1 << 20;

    /// <summary>How many ops one <c>submitOp</c> may hold; more are nacked with 400. Default 4096 (the original took 100).</summary>
    [Range(1, 1_000_000)]
    public int MaxOpsPerSubmit { get; set; } = 4096;

    /// <summary>How many signals one <c>submitSignal</c> may hold. Default 1024.</summary>
    [Range(1, 1_000_000)]
    public int MaxSignalsPerSubmit { get; set; } = 1024;

    /// <summary>
    /// How many ops a second one connection may submit, in the long run; a submission beyond it is nacked whole with 429. Default 0: as
    /// many as it likes.
    /// </summary>
    [Range(0, 1_000_000)]
    public int OpsPerSecond { get; set; }

    /// <summary>With <see cref="OpsPerSecond"/>: how many ops a connection may submit at once after a rest. Default 1000.</summary>
    [Range(1, 1_000_000)]
    public int OpsBurst { get; set; } = 1000;
}
