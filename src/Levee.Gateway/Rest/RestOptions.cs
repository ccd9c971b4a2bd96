namespace Levee.Gateway.Rest;

/// <summary>What HTTP requests may cost, and how the service names itself in answers. Configuration section <see cref="Section"/>; checked at start.</summary>
public sealed class RestOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Levee:Rest";

    /// <summary>The largest body that creates a document, with its initial summary, in bytes. 64 MiB by default; more is answered 413.</summary>
    public int MaxDocumentBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>The largest body that uploads a blob, in bytes; base64 takes four for three. 64 MiB by default; more is answered 413.</summary>
    public int MaxBlobBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>The largest body that uploads a summary whole, in bytes. 64 MiB by default; more is answered 413.</summary>
    public int MaxSummaryBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>The largest body of every other request, in bytes. 4 MiB by default; more is answered 413.</summary>
    public int MaxBodyBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>The largest body of any request.</summary>
    internal int LargestBodyBytes => new[] { MaxDocumentBytes, MaxBlobBytes, MaxSummaryBytes, MaxBodyBytes }.Max();

    /// <summary>The most messages in one answer of deltas. 2000 by default, which clients count on.</summary>
    public int DeltasPageSize { get; set; } = 2000;

    /// <summary>How many bytes of deltas are read at a time while they are sent: about what one such request holds in memory. 512 KiB by default.</summary>
    public int DeltasReadBytes { get; set; } = 512 * 1024;

    /// <summary>
    /// The address that clients reach the service under, such as <c>https://levee.example.org</c>, when it differs from that of the
    /// request, as behind a proxy. Null by default: the request's own scheme and host.
    /// </summary>
    public string? PublicUrl { get; set; }

    /// <summary>
    /// The origins whose pages may call the service, such as <c>https://app.example.org</c>, or the one entry <c>*</c> for all. None by
    /// default, except in Development, where all may.
    /// </summary>
    public IList<string> CorsOrigins { get; } = [];
}
