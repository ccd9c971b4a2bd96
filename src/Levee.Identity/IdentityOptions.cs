namespace Levee.Identity;

/// <summary>Settings of the section <c>Levee:Identity</c>.</summary>
public sealed class IdentityOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Levee:Identity";

    /// <summary>Tenants that exist as long as the configuration names them.</summary>
    public IList<TenantOptions> Tenants { get; } = [];

    /// <summary>
    /// How long after its expiry a token is still taken, for token servers whose clock is ahead. Zero by default, up to
    /// five minutes: only <c>exp</c> and <c>nbf</c> are compared with our clock, and a token lives an hour, so few need it.
    /// </summary>
    public TimeSpan ClockSkew { get; set; } = TimeSpan.Zero;

    /// <summary>The longest token that is looked at, in characters: 1,024 to 65,536.</summary>
    public int MaximumTokenLength { get; set; } = 8192;

    /// <summary>The most revocations that are kept, of all tenants together: 1 to 1,000,000. Each takes some hundred bytes of memory.</summary>
    public int MaximumRevocations { get; set; } = 100_000;
}
