using System.Text.Json;

namespace Levee.Protocol;

/// <summary>
/// The quorum as Fluid keeps it in a summary's <c>.protocol</c> tree: three lists of pairs. Checkpoints and the <c>values</c> of a new
/// document have the same form.
/// </summary>
public static class QuorumJson
{
    /// <summary><c>quorumMembers</c>: <c>[[clientId, {client, sequenceNumber}], ...]</c> in join order.</summary>
    public static byte[] Members(QuorumSnapshot quorum) => Pairs(quorum.Members.Values, (writer, member) =>
    {
        writer.WriteStringValue(member.ClientId);
        writer.WriteStartObject();
        writer.WriteRaw("client", member.Detail.Json);
        writer.WriteNumber("sequenceNumber", member.SequenceNumber);
        writer.WriteEndObject();
    });

    /// <summary><c>quorumProposals</c>: <c>[[sequenceNumber, {sequenceNumber, key, value}, []], ...]</c>.</summary>
    public static byte[] Proposals(QuorumSnapshot quorum) => Pairs(quorum.Proposals.Values, (writer, proposal) =>
    {
        writer.WriteNumberValue(proposal.SequenceNumber);
        writer.WriteStartObject();
        writer.WriteNumber("sequenceNumber", proposal.SequenceNumber);
        writer.WriteString("key", proposal.Key);
        writer.WriteRaw("value", proposal.Value);
        writer.WriteEndObject();
        // Rejections no longer exist; clients still expect their list.
        writer.WriteStartArray();
        writer.WriteEndArray();
    });

    /// <summary><c>quorumValues</c>: <c>[[key, {key, value, approvalSequenceNumber, commitSequenceNumber, sequenceNumber}], ...]</c>.</summary>
    public static byte[] Values(QuorumSnapshot quorum) => Pairs(quorum.Values.Values, (writer, value) =>
    {
        writer.WriteStringValue(value.Key);
        writer.WriteStartObject();
        writer.WriteString("key", value.Key);
        writer.WriteRaw("value", value.Value);
        writer.WriteNumber("approvalSequenceNumber", value.ApprovalSequenceNumber);
        writer.WriteNumber("commitSequenceNumber", value.CommitSequenceNumber);
        writer.WriteNumber("sequenceNumber", value.SequenceNumber);
        writer.WriteEndObject();
    });

    /// <summary>Reads <c>quorumMembers</c>.</summary>
    /// <exception cref="MalformedMessageException">The list has another form.</exception>
    public static IReadOnlyList<QuorumMember> ReadMembers(ReadOnlyMemory<byte> json) => Read(json, (key, value) => new QuorumMember(
        Text(key), Number(value, "sequenceNumber"u8), ClientDetail.Parse(Member(value, "client"u8))));

    /// <summary>Reads <c>quorumProposals</c>.</summary>
    /// <exception cref="MalformedMessageException">The list has another form.</exception>
    public static IReadOnlyList<QuorumProposal> ReadProposals(ReadOnlyMemory<byte> json) => Read(json, (_, value) => new QuorumProposal(
        Number(value, "sequenceNumber"u8), Text(Member(value, "key"u8)), Member(value, "value"u8)));

    /// <summary>Reads <c>quorumValues</c>, or the <c>values</c> of a new document.</summary>
    /// <exception cref="MalformedMessageException">The list has another form.</exception>
    public static IReadOnlyList<QuorumValue> ReadValues(ReadOnlyMemory<byte> json) => Read(json, (key, value) => new QuorumValue(
        Text(key),
        Member(value, "value"u8),
        Number(value, "sequenceNumber"u8),
        Number(value, "approvalSequenceNumber"u8),
        JsonReading.TryGetMember(value, "commitSequenceNumber"u8, out var commit) ? JsonReading.NumberOf(commit) : -1));

    private static byte[] Pairs<T>(IEnumerable<T> items, Action<Utf8JsonWriter, T> writePair) => JsonWriting.Write(writer =>
    {
        writer.WriteStartArray();
        foreach (var item in items)
        {
            writer.WriteStartArray();
            writePair(writer, item);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
    });

    private static List<T> Read<T>(ReadOnlyMemory<byte> json, Func<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>, T> read)
    {
        try
        {
            return JsonReading.ReadList(json).ConvertAll(item => JsonReading.ReadList(item) is [var key, var value, ..]
                ? read(key, value)
                : throw new MalformedMessageException("A quorum list must hold pairs"));
        }
        catch (JsonException)
        {
            throw new MalformedMessageException("A quorum list must be JSON");
        }
    }

    private static ReadOnlyMemory<byte> Member(ReadOnlyMemory<byte> json, ReadOnlySpan<byte> name) =>
        JsonReading.RequiredMember(json, name);

    private static long Number(ReadOnlyMemory<byte> json, ReadOnlySpan<byte> name) => JsonReading.NumberOf(Member(json, name));

    private static string Text(ReadOnlyMemory<byte> json) =>
        JsonReading.TextOf(json) ?? throw new MalformedMessageException("A quorum key must be a string");
}
