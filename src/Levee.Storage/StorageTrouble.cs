namespace Levee.Storage;

/// <summary>Why a store cannot be relied on at this moment.</summary>
/// <param name="Fault">What is wrong.</param>
/// <param name="Reason">A sentence for the operator; no path and no content.</param>
/// <param name="Since">When it was first seen.</param>
public sealed record StorageTrouble(StorageFault Fault, string Reason, DateTimeOffset Since);
