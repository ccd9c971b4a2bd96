using System.Collections.Immutable;
using System.Text.Json;

namespace Levee.Protocol;

/// <summary>
/// A <see cref="DocumentState"/> as bytes. Write clients are kept as quorum members only: whoever loads a checkpoint finds their
/// connections gone and makes them leave, so their CSN and RSN no longer matter.
/// </summary>
public static class CheckpointCodec
{
    /// <summary>Raised when the form changes; another version is not read, and the state is rebuilt from the log.</summary>
    private const int Version = 1;

    /// <summary>Encodes the state.</summary>
    public static byte[] Encode(DocumentState state) => JsonWriting.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteNumber("version", Version);
        writer.WriteNumber("sequenceNumber", state.SequenceNumber);
        writer.WriteNumber("minimumSequenceNumber", state.MinimumSequenceNumber);
        WriteQuorum(writer, state.Quorum);
        if (state.LastSummary is { } last)
        {
            writer.WriteStartObject("lastSummary");
            writer.WriteString("handle", last.Handle);
            writer.WriteNumber("referenceSequenceNumber", last.ReferenceSequenceNumber);
            writer.WriteNumber("sequenceNumber", last.SequenceNumber);
            writer.WriteEndObject();
        }

        writer.WriteStartArray("pendingSummaries");
        foreach (var pending in state.PendingSummaries)
        {
            writer.WriteStartObject();
            writer.WriteNumber("sequenceNumber", pending.SequenceNumber);
            writer.WriteNumber("referenceSequenceNumber", pending.ReferenceSequenceNumber);
            if (!pending.Contents.IsEmpty)
            {
                writer.WriteRaw("contents", pending.Contents);
            }

            WriteQuorum(writer, pending.Quorum);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    /// <summary>Decodes a state; null when the bytes are of another version or damaged, so that it must be rebuilt from the log.</summary>
    public static DocumentState? Decode(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return Number(bytes, "version"u8) == Version ? DecodeCore(bytes) : null;
        }
        catch (Exception e) when (e is JsonException or MalformedMessageException)
        {
            return null;
        }
    }

    private static DocumentState DecodeCore(ReadOnlyMemory<byte> bytes)
    {
        AcknowledgedSummary? lastSummary = null;
        if (JsonReading.TryGetMember(bytes, "lastSummary"u8, out var last))
        {
            lastSummary = new AcknowledgedSummary(
                JsonReading.TextOf(Member(last, "handle"u8)) ?? throw new MalformedMessageException("A handle must be a string"),
                Number(last, "referenceSequenceNumber"u8),
                Number(last, "sequenceNumber"u8));
        }

        return new DocumentState(
            Number(bytes, "sequenceNumber"u8),
            Number(bytes, "minimumSequenceNumber"u8),
            ReadQuorum(bytes),
            lastSummary,
            ReadPending(Member(bytes, "pendingSummaries"u8)));
    }

    private static List<PendingSummary> ReadPending(ReadOnlyMemory<byte> list)
    {
        var pending = new List<PendingSummary>();
        var reader = new Utf8JsonReader(list.Span);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            var item = JsonReading.CurrentValue(ref reader, list);
            JsonReading.TryGetMember(item, "contents"u8, out var contents);
            pending.Add(new PendingSummary(
                Number(item, "sequenceNumber"u8), Number(item, "referenceSequenceNumber"u8), contents, ReadQuorum(item)));
        }

        return pending;
    }

    private static void WriteQuorum(Utf8JsonWriter writer, QuorumSnapshot quorum)
    {
        writer.WriteNumber("quorumSequenceNumber", quorum.SequenceNumber);
        writer.WriteRaw("members", QuorumJson.Members(quorum));
        writer.WriteRaw("proposals", QuorumJson.Proposals(quorum));
        writer.WriteRaw("values", QuorumJson.Values(quorum));
    }

    private static QuorumSnapshot ReadQuorum(ReadOnlyMemory<byte> json) =>
        QuorumSnapshot.Initial(Number(json, "quorumSequenceNumber"u8), QuorumJson.ReadValues(Member(json, "values"u8))) with
        {
            Members = QuorumJson.ReadMembers(Member(json, "members"u8))
                .ToImmutableSortedDictionary(member => member.SequenceNumber, member => member),
            Proposals = QuorumJson.ReadProposals(Member(json, "proposals"u8))
                .ToImmutableSortedDictionary(proposal => proposal.SequenceNumber, proposal => proposal),
        };

    private static ReadOnlyMemory<byte> Member(ReadOnlyMemory<byte> json, ReadOnlySpan<byte> name) =>
        JsonReading.TryGetMember(json, name, out var value)
            ? value
            : throw new MalformedMessageException("A checkpoint lacks a member");

    private static long Number(ReadOnlyMemory<byte> json, ReadOnlySpan<byte> name) => JsonReading.NumberOf(Member(json, name));
}
