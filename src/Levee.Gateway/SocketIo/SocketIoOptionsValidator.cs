using Levee.Gateway.Settings;
using Microsoft.Extensions.Options;

namespace Levee.Gateway.SocketIo;

/// <summary>Says at start which setting is out of its range, and what the range is.</summary>
internal sealed class SocketIoOptionsValidator : IValidateOptions<SocketIoOptions>
{
    public ValidateOptionsResult Validate(string? name, SocketIoOptions options)
    {
        var ranges = new SettingRanges(SocketIoOptions.Section);
        ranges.Check(nameof(options.PingInterval), options.PingInterval, TimeSpan.FromMilliseconds(100), TimeSpan.FromDays(1));
        ranges.Check(nameof(options.PingTimeout), options.PingTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromDays(1));
        ranges.Check(nameof(options.MaxPayload), options.MaxPayload, 1024, 256 * 1024 * 1024);
        ranges.Check(nameof(options.MaxDepth), options.MaxDepth, 8, 64);
        ranges.Check(nameof(options.OutboxBytes), options.OutboxBytes, 1024, 1024 * 1024 * 1024);
        ranges.Check(nameof(options.OutboxFrames), options.OutboxFrames, 4, 10_000_000);
        ranges.Check(nameof(options.MaxSessions), options.MaxSessions, 1, 10_000_000);
        ranges.Check(nameof(options.ConnectTimeout), options.ConnectTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromDays(1));
        ranges.Check(nameof(options.UpgradeTimeout), options.UpgradeTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10));
        ranges.Check(nameof(options.CloseTimeout), options.CloseTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1));
        return ranges.Result;
    }
}
