namespace Levee.Faults.Record;

/// <summary>To whom a server gave a client id.</summary>
/// <param name="Name">The client, over all its connections.</param>
/// <param name="Generation">Which start of the server gave it; null when that is not certain.</param>
internal sealed record ClientIdentity(string Name, int? Generation);
