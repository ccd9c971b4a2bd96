using Levee.Identity;
using Levee.Storage;
using Microsoft.Extensions.Options;

namespace Levee.Server;

/// <summary>Turns the failures that an operator can mend into sentences; others keep their stack trace.</summary>
internal static class StartFailure
{
    /// <summary>What to tell the operator; null when the failure is a defect of ours.</summary>
    public static string? Explain(Exception failure) => failure switch
    {
        OptionsValidationException options => $"Levee cannot start. {string.Join(Environment.NewLine, options.Failures)}",
        SettingException or TenantLoadException or StorageException => $"Levee cannot start. {failure.Message}",
        IOException { InnerException: Microsoft.AspNetCore.Connections.AddressInUseException } =>
            $"Levee cannot start. {failure.Message} Stop the other program, or choose another port with PORT or --urls.",
        _ => null,
    };
}
