namespace Levee.Faults.Clients;

/// <summary>What a client does in its document.</summary>
internal enum ClientRole
{
    /// <summary>Submits batches and signals.</summary>
    Writer,

    /// <summary>Reads only, and is in no quorum.</summary>
    Reader,

    /// <summary>Uploads and proposes summaries.</summary>
    Summarizer,
}
