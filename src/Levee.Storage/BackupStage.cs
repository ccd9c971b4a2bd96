namespace Levee.Storage;

/// <summary>What a backup or a restore is doing.</summary>
public enum BackupStage
{
    /// <summary>Pages of the database are copied.</summary>
    Copying,

    /// <summary>The copy is read and checked, page by page; how far that is can not be known.</summary>
    Verifying,

    /// <summary>The files are packed into one, or taken out of it.</summary>
    Packing,
}
