using System.Collections.Immutable;
using System.Text.Json;

namespace Levee.Protocol;

/// <summary>
/// A <see cref="QuorumHistory"/> in a checkpoint: the oldest quorum in full, then what changed from one to the next. In full each,
/// many short visits while one client holds the MSN down would make a checkpoint grow with the square of the visits.
/// </summary>
internal static class QuorumHistoryJson
{
    /// <summary>Writes the history's members into the current object.</summary>
    public static void Write(Utf8JsonWriter writer, QuorumHistory history)
    {
        var previous = history.Snapshots.First();
        WriteSnapshot(writer, previous);
        writer.WriteStartArray("changes");
        foreach (var next in history.Snapshots.Skip(1))
        {
            writer.WriteStartObject();
            WriteSnapshot(writer, Added(previous, next));
            WriteNumbers(writer, "left", Missing(previous.Members, next.Members));
            WriteNumbers(writer, "settled", Missing(previous.Proposals, next.Proposals));
            writer.WriteEndObject();
            previous = next;
        }

        writer.WriteEndArray();
    }

    /// <summary>Writes one quorum, in full, into the current object.</summary>
    public static void WriteSnapshot(Utf8JsonWriter writer, QuorumSnapshot quorum)
    {
        writer.WriteNumber("quorumSequenceNumber", quorum.SequenceNumber);
        writer.WriteRaw("members", QuorumJson.Members(quorum));
        writer.WriteRaw("proposals", QuorumJson.Proposals(quorum));
        writer.WriteRaw("values", QuorumJson.Values(quorum));
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="MalformedMessageException">The object has another form.</exception>
    public static QuorumHistory Read(ReadOnlyMemory<byte> json)
    {
        var snapshots = new List<QuorumSnapshot> { ReadSnapshot(json) };
        foreach (var change in JsonReading.ReadList(JsonReading.RequiredMember(json, "changes"u8)))
        {
            var (previous, added) = (snapshots[^1], ReadSnapshot(change));
            snapshots.Add(new QuorumSnapshot(
                added.SequenceNumber,
                previous.Members.RemoveRange(ReadNumbers(change, "left"u8)).SetItems(added.Members),
                previous.Proposals.RemoveRange(ReadNumbers(change, "settled"u8)).SetItems(added.Proposals),
                previous.Values.SetItems(added.Values)));
        }

        return new QuorumHistory(snapshots);
    }

    /// <summary>Reads what <see cref="WriteSnapshot"/> wrote.</summary>
    /// <exception cref="MalformedMessageException">The object has another form.</exception>
    public static QuorumSnapshot ReadSnapshot(ReadOnlyMemory<byte> json)
    {
        var number = JsonReading.NumberOf(JsonReading.RequiredMember(json, "quorumSequenceNumber"u8));
        return QuorumSnapshot.Initial(number, QuorumJson.ReadValues(JsonReading.RequiredMember(json, "values"u8))) with
        {
            Members = QuorumJson.ReadMembers(JsonReading.RequiredMember(json, "members"u8))
                .ToImmutableSortedDictionary(member => member.SequenceNumber, member => member),
            Proposals = QuorumJson.ReadProposals(JsonReading.RequiredMember(json, "proposals"u8))
                .ToImmutableSortedDictionary(proposal => proposal.SequenceNumber, proposal => proposal),
        };
    }

    private static QuorumSnapshot Added(QuorumSnapshot previous, QuorumSnapshot next) => new(
        next.SequenceNumber,
        Added(previous.Members, next.Members),
        Added(previous.Proposals, next.Proposals),
        Added(previous.Values, next.Values));

    // Snapshots share what did not change, so equal objects are the same object.
    private static ImmutableSortedDictionary<TKey, TValue> Added<TKey, TValue>(
        ImmutableSortedDictionary<TKey, TValue> previous, ImmutableSortedDictionary<TKey, TValue> next)
        where TKey : notnull
        where TValue : class =>
        ReferenceEquals(previous, next)
            ? next.Clear()
            : next.Clear().AddRange(next.Where(item => !ReferenceEquals(previous.GetValueOrDefault(item.Key), item.Value)));

    private static IEnumerable<long> Missing<T>(ImmutableSortedDictionary<long, T> previous, ImmutableSortedDictionary<long, T> next) =>
        ReferenceEquals(previous, next) ? [] : previous.Keys.Where(key => !next.ContainsKey(key));

    private static void WriteNumbers(Utf8JsonWriter writer, string name, IEnumerable<long> numbers)
    {
        writer.WriteStartArray(name);
        foreach (var number in numbers)
        {
            writer.WriteNumberValue(number);
        }

        writer.WriteEndArray();
    }

    private static IEnumerable<long> ReadNumbers(ReadOnlyMemory<byte> json, ReadOnlySpan<byte> name) =>
        JsonReading.ReadList(JsonReading.RequiredMember(json, name)).Select(JsonReading.NumberOf);
}
