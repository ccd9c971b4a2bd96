namespace Levee.Identity;

/// <summary>What a verified token says.</summary>
public sealed record TokenClaims : TokenOutcome
{
    internal TokenClaims()
    {
    }

    /// <summary>The tenant that the token is for: the one it was verified against.</summary>
    public required string TenantId { get; init; }

    /// <summary>The document that the token is for; <c>""</c> or <c>"__new__"</c> in a token for creating one.</summary>
    public required string DocumentId { get; init; }

    /// <summary>What the token allows, as listed in it; unknown scopes included.</summary>
    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary>The user that the token speaks for.</summary>
    public required TokenUser User { get; init; }

    /// <summary>When it was made, by its maker's clock.</summary>
    public required DateTimeOffset IssuedAt { get; init; }

    /// <summary>From this moment on the token is refused.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>The version of the claims; <c>1.0</c> in tokens that are minted here, others are not refused.</summary>
    public required string Ver { get; init; }

    /// <summary>The token's own id, if it has one.</summary>
    public string? Jti { get; init; }

    /// <summary>The whole payload, a UTF-8 JSON object, byte for byte as signed.</summary>
    public required ReadOnlyMemory<byte> Json { get; init; }

    /// <summary>Whether the token allows something.</summary>
    /// <param name="scope">One of <see cref="Protocol.Scopes"/>.</param>
    public bool Has(string scope) => Scopes.Contains(scope, StringComparer.Ordinal);

    /// <summary>The tenant and document; neither user nor payload, which are nobody's business in a log.</summary>
    public override string ToString() => $"{TenantId}/{DocumentId}";
}
