using Levee.Protocol;

namespace Levee.Sessions;

/// <summary>What a client learns when it connects.</summary>
/// <param name="ClientId">Its new id.</param>
/// <param name="CheckpointSequenceNumber">
/// The SN when it connected. Unless it asked for older ones, the messages after this number follow.
/// </param>
/// <param name="Clients">Everybody who is connected, itself included.</param>
/// <param name="Summary">The document's head, to load before reading messages; null when it has none.</param>
public sealed record ConnectedDocument(
    string ClientId, long CheckpointSequenceNumber, IReadOnlyList<AudienceMember> Clients, SummaryContext? Summary);

/// <summary>A connected client, in either mode.</summary>
/// <param name="ClientId">Its id.</param>
/// <param name="Detail">Its record.</param>
public sealed record AudienceMember(string ClientId, ClientDetail Detail);

/// <summary>A document's head.</summary>
/// <param name="Handle">Its commit.</param>
/// <param name="SequenceNumber">The SN that it covers.</param>
public sealed record SummaryContext(string Handle, long SequenceNumber);
