namespace Levee.Faults;

/// <summary>Whose manners a request has; the server tells them apart by the scheme of <c>Authorization</c>.</summary>
internal enum RestClientKind
{
    /// <summary>Levee's own driver.</summary>
    Levee,

    /// <summary>Microsoft's routerlicious driver.</summary>
    Fluid,
}
