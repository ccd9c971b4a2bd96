using System.Security.Cryptography;

namespace Levee.Identity;

/// <summary>
/// The form of a secret. Generated ones have 64 hex digits; configured ones have 32 to 512 characters without white space
/// or control characters. In Development a short one will do, so that samples run with the keys their docs print.
/// </summary>
public static class TenantSecret
{
    /// <summary>The fewest characters outside Development: HS256 wants a key of 256 bits.</summary>
    public const int MinimumLength = 32;

    /// <summary>The most characters.</summary>
    public const int MaximumLength = 512;

    internal const string Advice = "`openssl rand -hex 32` makes a good one";

    /// <summary>A new secret: 32 random bytes as 64 lower-case hex digits.</summary>
    public static string Generate() => RandomNumberGenerator.GetHexString(64, lowercase: true);

    /// <summary>What is wrong with a secret as the end of a sentence, or <see langword="null"/>. Never quotes it.</summary>
    internal static string? ProblemOf(string? secret, bool development)
    {
        if (string.IsNullOrEmpty(secret))
        {
            return $"is missing: give it {MinimumLength} to {MaximumLength} characters; {Advice}";
        }

        if (!development && DevelopmentTenants.IsKnownKey(secret))
        {
            return $"is a development key that everybody knows, which only Development accepts: replace it; {Advice}";
        }

        var shortest = development ? 1 : MinimumLength;
        if (secret.Length < shortest || secret.Length > MaximumLength)
        {
            return $"has {secret.Length} characters, but must have {shortest} to {MaximumLength}; {Advice}";
        }

        return secret.Any(c => char.IsControl(c) || char.IsWhiteSpace(c))
            ? $"must not contain white space or control characters; {Advice}"
            : null;
    }
}
