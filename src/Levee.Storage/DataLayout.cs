namespace Levee.Storage;

/// <summary>What lies in a data directory beside the database, by name.</summary>
public static class DataLayout
{
    /// <summary>The file that whoever uses the directory holds locked.</summary>
    public const string Lock = "levee.lock";

    /// <summary>The directory of the keys that open the tenants' secrets.</summary>
    public const string Keys = "keys";

    /// <summary>What a restore has not finished yet; a directory that has it is not whole.</summary>
    public const string PartialRestore = "restore.partial";
}
