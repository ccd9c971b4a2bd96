namespace Levee.Storage;

/// <summary>What was backed up, or restored.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="DatabaseBytes">The size of the database.</param>
/// <param name="Documents">How many documents it has.</param>
/// <param name="Tenants">How many tenants it has secrets of.</param>
/// <param name="Keys">How many keys came with it, without which those secrets can not be read.</param>
public sealed record BackupResult(string Path, long DatabaseBytes, long Documents, long Tenants, int Keys);
