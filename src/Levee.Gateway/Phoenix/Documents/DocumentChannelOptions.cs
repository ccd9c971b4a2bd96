using System.ComponentModel.DataAnnotations;

namespace Levee.Gateway.Phoenix.Documents;

/// <summary>What a client of a document may send (section <c>Levee:Documents</c>).</summary>
public sealed class DocumentChannelOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Levee:Documents";

    /// <summary>The largest op in bytes, told to clients as <c>maxMessageSize</c>; a larger one is nacked with 413. Default 1 MiB.</summary>
    [Range(1024, 1 << 28)]
    public int MaxMessageBytes { get; set; } = 1 << 20;

    /// <summary>How many ops one <c>submitOp</c> may hold; more are nacked with 400. Default 4096 (the original took 100).</summary>
    [Range(1, 1_000_000)]
    public int MaxOpsPerSubmit { get; set; } = 4096;

    /// <summary>How many signals one <c>submitSignal</c> may hold. Default 1024.</summary>
    [Range(1, 1_000_000)]
    public int MaxSignalsPerSubmit { get; set; } = 1024;
}
