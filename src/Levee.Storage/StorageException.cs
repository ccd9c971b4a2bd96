namespace Levee.Storage;

/// <summary>The store is broken, full, busy beyond its patience, or not ours. Nothing of the failed call was kept.</summary>
/// <param name="message">What failed, and what can be done about it; never document content.</param>
/// <param name="innerException">The cause, where the backend gave one.</param>
/// <param name="fault">What is wrong, where it is known.</param>
public sealed class StorageException(
    string message, Exception? innerException = null, StorageFault fault = StorageFault.Other) : Exception(message, innerException)
{
    /// <summary>What is wrong.</summary>
    public StorageFault Fault { get; } = fault;
}
