namespace Levee.Storage;

/// <summary>Knows whether a store works, from the work that it does; asking costs nothing. May be asked from any thread.</summary>
public interface IStorageHealth
{
    /// <summary>What is wrong; null when everything works. A store in trouble finds out by itself when it is over.</summary>
    StorageTrouble? Trouble { get; }
}
