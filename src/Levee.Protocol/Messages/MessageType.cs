namespace Levee.Protocol;

/// <summary>The <c>type</c> of a document message. Clients may invent others; they are sequenced like <see cref="Op"/>.</summary>
public static class MessageType
{
    /// <summary>An ordinary operation.</summary>
    public const string Op = "op";

    /// <summary>Carries only a reference sequence number.</summary>
    public const string NoOp = "noop";

    /// <summary>Proposes a quorum value.</summary>
    public const string Propose = "propose";

    /// <summary>Proposes an uploaded summary as the document's new head.</summary>
    public const string Summarize = "summarize";

    /// <summary>Service message: a write client has joined the quorum.</summary>
    public const string Join = "join";

    /// <summary>Service message: a write client has left the quorum.</summary>
    public const string Leave = "leave";

    /// <summary>Service message: a summary has become the document's head.</summary>
    public const string SummaryAck = "summaryAck";

    /// <summary>Service message: a summary was refused.</summary>
    public const string SummaryNack = "summaryNack";

    /// <summary>Service message: the last write client has left.</summary>
    public const string NoClient = "noClient";

    /// <summary>Service message: reserved for the ordering service.</summary>
    public const string Control = "control";

    /// <summary>True for the types that only the service may sequence; from a client they are nacked.</summary>
    public static bool IsService(string type) =>
        type is Join or Leave or SummaryAck or SummaryNack or NoClient or Control;
}
