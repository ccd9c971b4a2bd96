using Levee.Gateway.Settings;
using Microsoft.Extensions.Options;

namespace Levee.Gateway.Phoenix;

/// <summary>Says at start which setting is out of its range, and what the range is.</summary>
internal sealed class PhoenixOptionsValidator : IValidateOptions<PhoenixOptions>
{
    public ValidateOptionsResult Validate(string? name, PhoenixOptions options)
    {
        var ranges = new SettingRanges(PhoenixOptions.Section);
        ranges.Check(nameof(options.MaxFrameBytes), options.MaxFrameBytes, 1024, 256 * 1024 * 1024);
        ranges.Check(nameof(options.MaxDepth), options.MaxDepth, 8, 64);
        ranges.Check(nameof(options.MaxTopicsPerSocket), options.MaxTopicsPerSocket, 1, 100_000);
        ranges.Check(nameof(options.OutboxBytes), options.OutboxBytes, 1024, 1024 * 1024 * 1024);
        ranges.Check(nameof(options.OutboxFrames), options.OutboxFrames, 1, 10_000_000);
        ranges.Check(nameof(options.IdleTimeout), options.IdleTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
        ranges.Check(nameof(options.CloseTimeout), options.CloseTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1));
        return ranges.Result;
    }
}
