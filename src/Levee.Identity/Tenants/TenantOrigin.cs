namespace Levee.Identity;

/// <summary>Where a tenant comes from, which decides who may change it.</summary>
public enum TenantOrigin
{
    /// <summary>Made at run time and kept in the store; it can be changed and deleted at run time.</summary>
    Created,

    /// <summary>Named by the configuration or the environment; what is configured is changed there.</summary>
    Configured,

    /// <summary>One of the Development tenants, in memory only, with a key that everybody knows.</summary>
    BuiltIn,
}
