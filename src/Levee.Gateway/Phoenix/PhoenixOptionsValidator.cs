using Microsoft.Extensions.Options;

namespace Levee.Gateway.Phoenix;

/// <summary>Says at start which setting is out of its range, and what the range is.</summary>
internal sealed class PhoenixOptionsValidator : IValidateOptions<PhoenixOptions>
{
    public ValidateOptionsResult Validate(string? name, PhoenixOptions options)
    {
        var failures = new List<string>();
        Check(failures, nameof(options.MaxFrameBytes), options.MaxFrameBytes, 1024, 256 * 1024 * 1024);
        Check(failures, nameof(options.MaxDepth), options.MaxDepth, 8, 64);
        Check(failures, nameof(options.MaxTopicsPerSocket), options.MaxTopicsPerSocket, 1, 100_000);
        Check(failures, nameof(options.OutboxBytes), options.OutboxBytes, 1024, 1024 * 1024 * 1024);
        Check(failures, nameof(options.OutboxFrames), options.OutboxFrames, 1, 10_000_000);
        Check(failures, nameof(options.IdleTimeout), options.IdleTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
        Check(failures, nameof(options.CloseTimeout), options.CloseTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1));
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static void Check<T>(List<string> failures, string key, T value, T least, T most)
        where T : IComparable<T>
    {
        if (value.CompareTo(least) < 0 || value.CompareTo(most) > 0)
        {
            failures.Add($"{PhoenixOptions.Section}:{key} is {value}; set it to a value from {least} to {most}.");
        }
    }
}
