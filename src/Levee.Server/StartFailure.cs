using System.Text.RegularExpressions;
using Levee.Identity;
using Levee.Storage;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace Levee.Server;

/// <summary>Turns the failures that an operator can mend into sentences; others keep their stack trace.</summary>
internal static partial class StartFailure
{
    private const string Binder = "Microsoft.Extensions.Configuration.Binder";

    /// <summary>What to tell the operator; null when the failure is a defect of ours.</summary>
    public static string? Explain(Exception failure) => failure switch
    {
        OptionsValidationException options => CannotStart(
            string.Join(Environment.NewLine, options.Failures.Select(problem => Sentence(options.OptionsType, problem)))),
        SettingException or TenantLoadException or StorageException => CannotStart(failure.Message),
        // It names the setting and quotes the value, and only numbers, times and yes or no are converted: no secrets.
        InvalidOperationException { Source: Binder } => CannotStart(
            $"{failure.Message} Times are written as hh:mm:ss, such as 00:00:30."),
        IOException { InnerException: AddressInUseException } => CannotStart(
            $"{failure.Message} Stop the other program, or choose another port with PORT or --urls."),
        _ => null,
    };

    private static string CannotStart(string why) => $"Levee cannot start. {why}";

    /// <summary>Says by what key the operator finds the setting, where the framework names only our type.</summary>
    private static string Sentence(Type options, string problem)
    {
        var section = options.GetField("Section")?.GetRawConstantValue();
        return section is not null && Annotation().Match(problem) is { Success: true } match
            ? $"{section}:{match.Groups["member"]}: {match.Groups["error"]}"
            : problem;
    }

    [GeneratedRegex("^DataAnnotation validation failed for '.*' members: '(?<member>.*?)' with the error: '(?<error>.*)'\\.$")]
    private static partial Regex Annotation();
}
