namespace Levee.Identity;

/// <summary>Which of a tenant's two secrets; the numbers are those of <c>/secrets/{1|2}</c>.</summary>
public enum SecretSlot
{
    /// <summary>The secret that signs.</summary>
    First = 1,

    /// <summary>The other secret that verifies.</summary>
    Second = 2,
}
