using Levee.Protocol.Git;

namespace Levee.Sessions;

/// <summary>
/// How a stored summary is laid out: the app's parts at the root, so that clients that read tree by tree find them there, and beside them what is
/// the service's.
/// </summary>
internal static class SummaryLayout
{
    /// <summary>Where whole summaries, and those that include the protocol tree, have the app's parts.</summary>
    public const string App = ".app";

    /// <summary>What only the service reads. Clients that fetch everything fetch it, and pass over it.</summary>
    public const string Service = ".serviceProtocol";

    /// <summary>The messages after what a summary covers, for the clients that load it.</summary>
    public const string LogTail = ".logTail";

    /// <summary>Whether a name at the root is the service's. What a client uploads under it is not taken over.</summary>
    public static bool IsService(string name) => name is ProtocolTree.Name or Service or LogTail;

    /// <summary>The app's parts at the root of its tree, without what the client may have uploaded under the service's names.</summary>
    public static IEnumerable<GitTreeEntry> PartsOf(GitObject app) => ObjectReader.EntriesOf(app).Where(entry => !IsService(entry.Name));
}
