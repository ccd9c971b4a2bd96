namespace Levee.Storage;

/// <summary>What is wrong with a store, as far as it decides what to do about it.</summary>
public enum StorageFault
{
    /// <summary>One request could not be served; the store as a whole may be well.</summary>
    Other,

    /// <summary>There is no room. It goes away by itself when there is.</summary>
    Full,

    /// <summary>Somebody else holds the store. It goes away by itself when they let go.</summary>
    Busy,

    /// <summary>The store cannot be written. It goes away by itself when it can.</summary>
    ReadOnly,

    /// <summary>The disk or the way to it fails. It may go away by itself.</summary>
    Unreachable,

    /// <summary>A write has been on its way for longer than any should. It goes away when the write ends.</summary>
    Stalled,

    /// <summary>What is stored is damaged: trying again does not help, a backup does.</summary>
    Damaged,
}
