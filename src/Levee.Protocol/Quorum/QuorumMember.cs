namespace Levee.Protocol;

/// <summary>A write client in the quorum.</summary>
/// <param name="ClientId">Its id.</param>
/// <param name="SequenceNumber">The SN of its join.</param>
/// <param name="Detail">Its record.</param>
public sealed record QuorumMember(string ClientId, long SequenceNumber, ClientDetail Detail);
