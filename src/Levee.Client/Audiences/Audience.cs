using System.Collections.Immutable;
using Levee.Protocol;

namespace Levee.Client;

/// <summary>
/// Who is connected to a document, this client included. As with every Fluid client, writers come and go by their sequenced joins and
/// leaves, as soon as these are received and so no later than a reader of messages sees them; readers come and go by signals of the service.
/// While the connection is down it stays as it was last known; the next connection tells who is there then, and the events tell the
/// difference. Somebody who came and went meanwhile is not told of. May be read from any thread.
/// </summary>
public sealed class Audience
{
    // Changed by the connection's receive loop alone, which swaps it: what was read of it stays as it is.
    private volatile Snapshot _now = new("", ImmutableDictionary<string, AudienceMember>.Empty);
    private readonly Queue<(AudienceMember Member, bool IsThere)> _untold = [];
    private long _checkpoint;

    internal Audience()
    {
    }

    /// <summary>
    /// Raised for each client that came, with <see cref="Members"/> as after all that came in the same frame. Subscribe before looking at
    /// <see cref="Members"/> to miss nobody. A handler holds up what the connection receives; one that throws ends the document with its
    /// exception.
    /// </summary>
    public event Action<AudienceMember>? MemberJoined;

    /// <summary>Raised for each client that went, as <see cref="MemberJoined"/> is.</summary>
    public event Action<AudienceMember>? MemberLeft;

    /// <summary>Who is connected, by client id: an immutable snapshot.</summary>
    public IReadOnlyDictionary<string, AudienceMember> Members => _now.Members;

    /// <summary>
    /// This client, under the id that it had last. Null when the server has made it leave: writers leave before the server stops, and when
    /// they were silent for minutes; these join anew when they submit next.
    /// </summary>
    public AudienceMember? Self => _now is var now && now.Members.TryGetValue(now.SelfId, out var self) ? self : null;

    /// <summary>A connection was made: those who were there at its checkpoint are there, and nobody else is.</summary>
    internal void Connected(string selfId, long checkpointSequenceNumber, IReadOnlyList<AudienceMember> clients)
    {
        var before = _now.Members;
        // One who was known already is kept, and with it the SN of its join.
        var after = ImmutableDictionary<string, AudienceMember>.Empty.SetItems(
            clients.Select(client => KeyValuePair.Create(client.ClientId, before.GetValueOrDefault(client.ClientId, client))));
        _checkpoint = checkpointSequenceNumber;
        _now = new Snapshot(selfId, after);
        Note(before.Values.Where(member => !after.ContainsKey(member.ClientId)), isThere: false);
        Note(after.Values.Where(member => !before.ContainsKey(member.ClientId)), isThere: true);
    }

    /// <summary>
    /// A message was received, in its order. Up to the checkpoint the connection's own list is the newer word: the messages that this client
    /// missed tell of comings and goings that are over.
    /// </summary>
    internal void Received(SequencedMessage message)
    {
        var (joined, left) = AudienceNews.Read(message);
        if (joined is not null && Members.ContainsKey(joined.ClientId))
        {
            Keep(joined);
        }
        else if (message.SequenceNumber > _checkpoint)
        {
            Add(joined);
            Remove(left);
        }
    }

    /// <summary>Takes the service's signals of those who only read. False for every other signal.</summary>
    internal bool TryReceive(LeveeSignal signal)
    {
        if (!AudienceNews.TryRead(signal, out var news))
        {
            return false;
        }

        // Of a writer the ops tell; a server that signals it too says the same before them, and out of their order.
        if (news.Joined is { Mode: ConnectionMode.Read } joined && !Members.ContainsKey(joined.ClientId))
        {
            Add(joined);
        }

        if (news.Left is { } left && Members.TryGetValue(left, out var member) && member.Mode == ConnectionMode.Read)
        {
            Remove(left);
        }

        return true;
    }

    /// <summary>Raises the events for what has changed. Not under a lock: handlers may do as they like.</summary>
    internal void Tell()
    {
        while (_untold.TryDequeue(out var change))
        {
            (change.IsThere ? MemberJoined : MemberLeft)?.Invoke(change.Member);
        }
    }

    private void Add(AudienceMember? member)
    {
        if (member is not null)
        {
            Keep(member);
            Note([member], isThere: true);
        }
    }

    private void Remove(string? clientId)
    {
        if (clientId is not null && _now.Members.TryGetValue(clientId, out var member))
        {
            _now = _now with { Members = _now.Members.Remove(clientId) };
            Note([member], isThere: false);
        }
    }

    private void Keep(AudienceMember member) => _now = _now with { Members = _now.Members.SetItem(member.ClientId, member) };

    private void Note(IEnumerable<AudienceMember> members, bool isThere)
    {
        foreach (var member in members)
        {
            _untold.Enqueue((member, isThere));
        }
    }

    private sealed record Snapshot(string SelfId, ImmutableDictionary<string, AudienceMember> Members);
}
