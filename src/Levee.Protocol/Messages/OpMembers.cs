namespace Levee.Protocol;

/// <summary>Which members of a submitted op pass through to everybody, beside its type and its numbers.</summary>
public enum OpMembers
{
    /// <summary>All but those that the service writes itself.</summary>
    AllButService,

    /// <summary>Those that the reference service passes on: <c>contents</c>, <c>metadata</c>, <c>compression</c> and <c>traces</c>.</summary>
    Fluid,
}
