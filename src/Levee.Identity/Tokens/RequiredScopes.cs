using Levee.Protocol;

namespace Levee.Identity;

/// <summary>The scopes that a request needs, and the words for a token that lacks one (contract, sections 1 and 3).</summary>
public sealed class RequiredScopes
{
    private readonly string[] _scopes;
    private readonly bool _writeMode;

    private RequiredScopes(string[] scopes, bool writeMode)
    {
        _scopes = scopes;
        _writeMode = writeMode;
    }

    /// <summary>Nothing beyond a valid token.</summary>
    public static RequiredScopes None { get; } = new([], writeMode: false);

    /// <summary>For <c>connect_document</c> in read mode: <c>doc:read</c>.</summary>
    public static RequiredScopes ReadMode { get; } = Of(Scopes.DocRead);

    /// <summary>For <c>connect_document</c> in write mode: <c>doc:read</c>, and <c>doc:write</c> with its own words.</summary>
    public static RequiredScopes WriteMode { get; } = new([Scopes.DocRead, Scopes.DocWrite], writeMode: true);

    /// <summary>All of the given scopes.</summary>
    /// <param name="scopes">Some of <see cref="Scopes"/>.</param>
    public static RequiredScopes Of(params string[] scopes) => new([.. scopes], writeMode: false);

    internal TokenFailure? Check(TokenClaims claims)
    {
        var missing = _scopes.Where(scope => !claims.Has(scope)).ToArray();
        if (missing.Length == 0)
        {
            return null;
        }

        if (!_writeMode)
        {
            return TokenFailure.MissingScope($"Token missing required scope: {string.Join(", ", missing)}");
        }

        return TokenFailure.MissingScope(missing[0] == Scopes.DocRead
            ? $"Token missing required scope: {Scopes.DocRead}"
            : $"Write mode requires {Scopes.DocWrite} scope");
    }
}
