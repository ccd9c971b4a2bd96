using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Levee.Identity;

/// <summary>Refuses a key at start that could be guessed; the message quotes nothing of it.</summary>
internal sealed class AdminOptionsValidator(IHostEnvironment environment) : IValidateOptions<AdminOptions>
{
    public ValidateOptionsResult Validate(string? name, AdminOptions options) =>
        options.Key is not null && TenantSecret.ProblemOf(options.Key, environment.IsDevelopment()) is { } problem
            ? ValidateOptionsResult.Fail(
                $"{AdminOptions.KeyVariable} ({AdminOptions.Section}:{nameof(options.Key)}) {problem}. Leave it out to have no operators.")
            : ValidateOptionsResult.Success;
}
