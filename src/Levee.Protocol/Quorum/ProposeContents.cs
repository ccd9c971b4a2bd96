using System.Text.Json;

namespace Levee.Protocol;

/// <summary>The contents of a <c>propose</c> op: <c>{"key", "value"}</c>, as an object or as a JSON string of one.</summary>
public static class ProposeContents
{
    /// <summary>Reads the proposal; null when the op proposes nothing that can be read (it is sequenced all the same).</summary>
    public static QuorumProposal? Read(in SequencedDocumentMessage message)
    {
        try
        {
            return JsonReading.TryGetMemberOf(message.Members, "contents"u8, out var contents)
                && JsonReading.Unwrap(contents) is var proposal
                && JsonReading.TryGetMember(proposal, "key"u8, out var keyJson)
                && JsonReading.TextOf(keyJson) is { } key
                && JsonReading.TryGetMember(proposal, "value"u8, out var value)
                && IsTaken(value)
                ? new QuorumProposal(message.SequenceNumber, key, value.ToArray())
                : null;
        }
        catch (JsonException)
        {
            // The contents are the client's; what is no JSON proposes nothing.
            return null;
        }
    }

    /// <summary>Throws for what is nested deeper than a frame may be: contents that are text were not looked into before.</summary>
    private static bool IsTaken(ReadOnlyMemory<byte> value)
    {
        var reader = new Utf8JsonReader(value.Span);
        reader.Read();
        return reader.TrySkip();
    }
}
