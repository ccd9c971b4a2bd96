using System.Text.Json;
using Levee.Protocol;
using Levee.Protocol.Git;

namespace Levee.Sessions;

/// <summary>
/// The <c>.protocol</c> tree of a summary: where a client that loads it starts, and with which quorum. Its four blobs are those that
/// Fluid's container reads.
/// </summary>
public static class ProtocolTree
{
    /// <summary>Its name in a summary's root.</summary>
    public const string Name = ".protocol";

    /// <summary>The blob with the numbers.</summary>
    public const string Attributes = "attributes";

    /// <summary>The blob with the write clients.</summary>
    public const string Members = "quorumMembers";

    /// <summary>The blob with the pending proposals.</summary>
    public const string Proposals = "quorumProposals";

    /// <summary>The blob with the accepted values.</summary>
    public const string Values = "quorumValues";

    /// <summary>Makes the tree and adds it and its blobs to <paramref name="objects"/>.</summary>
    /// <param name="quorum">The quorum as of <paramref name="sequenceNumber"/>.</param>
    /// <param name="sequenceNumber">The number that the summary covers: a client continues after it.</param>
    /// <param name="minimumSequenceNumber">The MSN at that number.</param>
    /// <param name="objects">Receives what must be stored.</param>
    public static GitObject Build(
        QuorumSnapshot quorum, long sequenceNumber, long minimumSequenceNumber, ICollection<GitObject> objects)
    {
        var attributes = JsonWriting.Write(writer => WriteAttributes(writer, sequenceNumber, minimumSequenceNumber));
        var tree = GitTree.Create(
        [
            Add(objects, Attributes, attributes),
            Add(objects, Members, QuorumJson.Members(quorum)),
            Add(objects, Proposals, QuorumJson.Proposals(quorum)),
            Add(objects, Values, QuorumJson.Values(quorum)),
        ]).ToObject();
        objects.Add(tree);
        return tree;
    }

    /// <summary>What <c>attributes</c> say is covered; null when they do not, or are no JSON (a client may store what it wants).</summary>
    public static long? SequenceNumberOf(ReadOnlyMemory<byte> attributes)
    {
        try
        {
            return JsonReading.TryGetMember(attributes, "sequenceNumber"u8, out var value) && JsonReading.TryGetNumber(value, out var number)
                ? number
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static void WriteAttributes(Utf8JsonWriter writer, long sequenceNumber, long minimumSequenceNumber)
    {
        writer.WriteStartObject();
        writer.WriteNumber("minimumSequenceNumber", minimumSequenceNumber);
        writer.WriteNumber("sequenceNumber", sequenceNumber);
        writer.WriteEndObject();
    }

    private static GitTreeEntry Add(ICollection<GitObject> objects, string name, byte[] content)
    {
        var blob = GitObject.Blob(content);
        objects.Add(blob);
        return new GitTreeEntry(GitFileMode.File, name, blob.Id);
    }
}
