using Microsoft.Extensions.Options;

namespace Levee.Gateway.Rest;

/// <summary>Refuses settings at start; every message names the key and what it must be.</summary>
internal sealed class RestOptionsValidator : IValidateOptions<RestOptions>
{
    private const int Mebibyte = 1 << 20;

    public ValidateOptionsResult Validate(string? name, RestOptions options)
    {
        var problems = new List<string>();
        Check(problems, nameof(options.MaxDocumentBytes), options.MaxDocumentBytes, 1024, 1024 * Mebibyte);
        Check(problems, nameof(options.MaxBlobBytes), options.MaxBlobBytes, 1024, 1024 * Mebibyte);
        Check(problems, nameof(options.MaxSummaryBytes), options.MaxSummaryBytes, 1024, 1024 * Mebibyte);
        Check(problems, nameof(options.MaxBodyBytes), options.MaxBodyBytes, 1024, 64 * Mebibyte);
        Check(problems, nameof(options.DeltasPageSize), options.DeltasPageSize, 1, 2000);
        Check(problems, nameof(options.DeltasReadBytes), options.DeltasReadBytes, 1024, 64 * Mebibyte);
        if (options.PublicUrl is { } url && !IsPublicUrl(url))
        {
            problems.Add($"{RestOptions.Section}:{nameof(options.PublicUrl)} must be an http or https address without query, such as https://levee.example.org.");
        }

        for (var i = 0; i < options.CorsOrigins.Count; i++)
        {
            if (options.CorsOrigins[i] != "*" && !IsOrigin(options.CorsOrigins[i]))
            {
                problems.Add(
                    $"{RestOptions.Section}:{nameof(options.CorsOrigins)}:{i} must be '*' or scheme, host and port alone, such as https://app.example.org.");
            }
        }

        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private static void Check(List<string> problems, string key, int value, int least, int most)
    {
        if (value < least || value > most)
        {
            problems.Add($"{RestOptions.Section}:{key} must be from {least} to {most}.");
        }
    }

    private static bool IsPublicUrl(string text) => TryParse(text, out var uri) && uri.Query.Length == 0 && uri.Fragment.Length == 0;

    private static bool IsOrigin(string text) => TryParse(text, out var uri) && uri.GetLeftPart(UriPartial.Authority) == text;

    private static bool TryParse(string text, out Uri uri) =>
        Uri.TryCreate(text, UriKind.Absolute, out uri!) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps);
}
