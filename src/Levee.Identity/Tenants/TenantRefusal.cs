namespace Levee.Identity;

/// <summary>Why a change of tenants was refused.</summary>
public enum TenantRefusal
{
    /// <summary>The name does not have the form of <see cref="TenantName"/>.</summary>
    InvalidName,

    /// <summary>There is no tenant of that id.</summary>
    NotFound,

    /// <summary>There is no such slot: 1 and 2 exist.</summary>
    InvalidSlot,

    /// <summary>The configuration holds what was to be changed; change it there.</summary>
    Configured,

    /// <summary>A Development tenant stays as the clients' samples expect it.</summary>
    BuiltIn,
}
