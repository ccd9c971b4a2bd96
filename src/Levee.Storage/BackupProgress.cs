namespace Levee.Storage;

/// <summary>How far a backup or a restore is.</summary>
/// <param name="Stage">What it is doing.</param>
/// <param name="Done">Bytes of this stage that are done.</param>
/// <param name="Total">Bytes of this stage in all; 0 when that is not known.</param>
public readonly record struct BackupProgress(BackupStage Stage, long Done, long Total);
