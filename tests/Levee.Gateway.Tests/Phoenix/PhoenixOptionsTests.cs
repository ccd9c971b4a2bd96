using Levee.Gateway.Phoenix;
using Microsoft.Extensions.Options;

namespace Levee.Gateway.Tests.Phoenix;

public sealed class PhoenixOptionsTests
{
    public static TheoryData<string, Action<PhoenixOptions>> OutOfRange => new()
    {
        { "Levee:Phoenix:MaxFrameBytes is 1; set it to a value from 1024 to 268435456.", o => o.MaxFrameBytes = 1 },
        { "Levee:Phoenix:MaxDepth is 65; set it to a value from 8 to 64.", o => o.MaxDepth = 65 },
        { "Levee:Phoenix:MaxTopicsPerSocket is 0; set it to a value from 1 to 100000.", o => o.MaxTopicsPerSocket = 0 },
        { "Levee:Phoenix:OutboxBytes is -1; set it to a value from 1024 to 1073741824.", o => o.OutboxBytes = -1 },
        { "Levee:Phoenix:OutboxFrames is 0; set it to a value from 1 to 10000000.", o => o.OutboxFrames = 0 },
        { "Levee:Phoenix:IdleTimeout is 00:00:00; set it to a value from 00:00:01 to 1.00:00:00.", o => o.IdleTimeout = TimeSpan.Zero },
        { "Levee:Phoenix:CloseTimeout is 01:00:00; set it to a value from 00:00:00.1000000 to 00:01:00.", o => o.CloseTimeout = TimeSpan.FromHours(1) },
    };

    [Theory]
    [MemberData(nameof(OutOfRange))]
    public async Task A_setting_out_of_range_stops_the_start_and_names_itself(string message, Action<PhoenixOptions> configure)
    {
        var e = await Assert.ThrowsAnyAsync<OptionsValidationException>(() => PhoenixServer.StartAsync(configure));
        Assert.Equal(message, e.Message);
    }
}
