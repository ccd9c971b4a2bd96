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
        writer.WriteNumber("timestamp", state.Timestamp);
        writer.WriteStartObject("quorum");
        QuorumHistoryJson.Write(writer, state.QuorumHistory);
        writer.WriteEndObject();
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

            QuorumHistoryJson.WriteSnapshot(writer, pending.Quorum);
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
        // A number or a client that is there twice is an ArgumentException of the collections.
        catch (Exception e) when (e is JsonException or MalformedMessageException or ArgumentException)
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
            QuorumHistoryJson.Read(Member(bytes, "quorum"u8)),
            lastSummary,
            JsonReading.ReadList(Member(bytes, "pendingSummaries"u8)).ConvertAll(ReadPending),
            Number(bytes, "timestamp"u8));
    }

    private static PendingSummary ReadPending(ReadOnlyMemory<byte> item)
    {
        JsonReading.TryGetMember(item, "contents"u8, out var contents);
        return new PendingSummary(
            Number(item, "sequenceNumber"u8),
            Number(item, "referenceSequenceNumber"u8),
            contents,
            QuorumHistoryJson.ReadSnapshot(item));
    }

    private static ReadOnlyMemory<byte> Member(ReadOnlyMemory<byte> json, ReadOnlySpan<byte> name) =>
        JsonReading.RequiredMember(json, name);

    private static long Number(ReadOnlyMemory<byte> json, ReadOnlySpan<byte> name) => JsonReading.NumberOf(Member(json, name));
}
