using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;

namespace Levee.Identity;

/// <summary>Reads a payload whose signature is verified. One reading only: a claim that is there twice is refused.</summary>
internal static class ClaimsReader
{
    private const double LatestSecond = 253402300799; // the last second of the year 9999

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>The claims, or <c>invalid_token</c> or <c>missing_claims</c>.</summary>
    public static TokenOutcome Read(byte[] payload, out DateTimeOffset? notBefore)
    {
        notBefore = null;
        try
        {
            if (!Utf8.IsValid(payload))
            {
                return TokenFailure.InvalidToken("payload is not UTF-8");
            }

            using var document = JsonDocument.Parse(payload, Strict);
            RequireText(payload);
            return new Reading(document.RootElement, payload).Finish(out notBefore);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a string with half of a surrogate pair has no text.
            return TokenFailure.InvalidToken("payload is not a JSON object with unique, well-formed claims");
        }
    }

    /// <summary>A user object, or <see langword="null"/> when it is none or has no string <c>id</c>.</summary>
    public static TokenUser? ReadUser(byte[] json)
    {
        try
        {
            if (!Utf8.IsValid(json))
            {
                return null;
            }

            using var document = JsonDocument.Parse(json, Strict);
            RequireText(json);
            return document.RootElement is { ValueKind: JsonValueKind.Object } user
                && user.TryGetProperty("id"u8, out var id) && id.ValueKind is JsonValueKind.String
                    ? new TokenUser(id.GetString()!, json)
                    : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>
    /// Refuses an escaped half of a surrogate pair anywhere, also in fields that nobody reads here: claims and users travel
    /// on to other clients, and not every encoding of theirs (MessagePack) can carry it.
    /// </summary>
    /// <exception cref="InvalidOperationException">There is one.</exception>
    private static void RequireText(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            if (reader.ValueIsEscaped)
            {
                _ = reader.GetString();
            }
        }
    }

    /// <summary>One pass over the claims that notes every one that is missing, and the first one of a wrong type.</summary>
    private sealed class Reading(JsonElement root, byte[] payload)
    {
        private readonly List<string> _missing = [];
        private string? _wrong;

        public TokenOutcome Finish(out DateTimeOffset? notBefore)
        {
            notBefore = null;
            if (root.ValueKind is not JsonValueKind.Object)
            {
                return TokenFailure.InvalidToken("payload is not a JSON object");
            }

            var claims = new TokenClaims
            {
                TenantId = Text("tenantId") ?? "",
                DocumentId = Text("documentId") ?? "",
                Scopes = Texts("scopes"),
                User = User(),
                IssuedAt = Time("iat") ?? default,
                ExpiresAt = Time("exp") ?? default,
                Ver = Text("ver") ?? "",
                Jti = Text("jti", required: false),
                Json = payload,
            };
            notBefore = Time("nbf", required: false);
            return _wrong is not null ? TokenFailure.InvalidToken(_wrong)
                : _missing.Count > 0 ? TokenFailure.MissingClaims(_missing)
                : claims;
        }

        private JsonElement? Claim(string name, bool required = true)
        {
            if (root.TryGetProperty(name, out var value) && value.ValueKind is not JsonValueKind.Null)
            {
                return value;
            }

            if (required)
            {
                _missing.Add(name);
            }

            return null;
        }

        private string? Text(string name, bool required = true) => Claim(name, required) switch
        {
            null => null,
            { ValueKind: JsonValueKind.String } value => value.GetString(),
            _ => Wrong<string>($"{name} must be a string"),
        };

        private IReadOnlyList<string> Texts(string name)
        {
            if (Claim(name) is not { } value)
            {
                return [];
            }

            return value.ValueKind is JsonValueKind.Array
                && value.EnumerateArray().All(item => item.ValueKind is JsonValueKind.String)
                    ? [.. value.EnumerateArray().Select(item => item.GetString()!)]
                    : Wrong<IReadOnlyList<string>>($"{name} must be a list of strings") ?? [];
        }

        private DateTimeOffset? Time(string name, bool required = true)
        {
            if (Claim(name, required) is not { } value)
            {
                return null;
            }

            // RFC 7519, section 2: seconds, possibly with a fraction. Milliseconds, a usual mistake, are out of range.
            if (value.ValueKind is JsonValueKind.Number && value.TryGetDouble(out var seconds)
                && seconds is >= 0 and <= LatestSecond)
            {
                return DateTimeOffset.FromUnixTimeSeconds((long)seconds);
            }

            _wrong ??= $"{name} must be a number of seconds since 1970";
            return null;
        }

        private TokenUser User()
        {
            var none = new TokenUser("", default);
            if (Claim("user") is not { } user)
            {
                return none;
            }

            if (user.ValueKind is not JsonValueKind.Object)
            {
                return Wrong<TokenUser>("user must be an object") ?? none;
            }

            if (!user.TryGetProperty("id"u8, out var id) || id.ValueKind is JsonValueKind.Null)
            {
                _missing.Add("user.id");
                return none;
            }

            return id.ValueKind is JsonValueKind.String
                ? new TokenUser(id.GetString()!, JsonMarshal.GetRawUtf8Value(user).ToArray())
                : Wrong<TokenUser>("user.id must be a string") ?? none;
        }

        private T? Wrong<T>(string problem)
            where T : class
        {
            _wrong ??= problem;
            return null;
        }
    }
}
