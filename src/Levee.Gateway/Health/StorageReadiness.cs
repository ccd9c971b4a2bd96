using Levee.Storage;

namespace Levee.Gateway.Health;

/// <summary>Ready while the stores of the host work.</summary>
internal sealed class StorageReadiness(IEnumerable<IStorageHealth> stores) : IReadinessCheck
{
    /// <inheritdoc/>
    public string Name => "storage";

    /// <inheritdoc/>
    public string? Problem => stores.Select(store => store.Trouble).FirstOrDefault(trouble => trouble is not null)?.Reason;
}
