using Levee.Gateway.SocketIo;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Options;

namespace Levee.Gateway.Tests.SocketIo;

public sealed class SocketIoOptionsTests
{
    public static TheoryData<string, Action<SocketIoOptions>> OutOfRange => new()
    {
        { "Levee:SocketIo:PingInterval is 00:00:00; set it to a value from 00:00:00.1000000 to 1.00:00:00.", o => o.PingInterval = TimeSpan.Zero },
        { "Levee:SocketIo:PingTimeout is 2.00:00:00; set it to a value from 00:00:00.1000000 to 1.00:00:00.", o => o.PingTimeout = TimeSpan.FromDays(2) },
        { "Levee:SocketIo:MaxPayload is 1; set it to a value from 1024 to 268435456.", o => o.MaxPayload = 1 },
        { "Levee:SocketIo:MaxDepth is 65; set it to a value from 8 to 64.", o => o.MaxDepth = 65 },
        { "Levee:SocketIo:OutboxBytes is -1; set it to a value from 1024 to 1073741824.", o => o.OutboxBytes = -1 },
        { "Levee:SocketIo:OutboxFrames is 3; set it to a value from 4 to 10000000.", o => o.OutboxFrames = 3 },
        { "Levee:SocketIo:MaxSessions is 0; set it to a value from 1 to 10000000.", o => o.MaxSessions = 0 },
        { "Levee:SocketIo:ConnectTimeout is 00:00:00; set it to a value from 00:00:00.1000000 to 1.00:00:00.", o => o.ConnectTimeout = TimeSpan.Zero },
        { "Levee:SocketIo:UpgradeTimeout is 01:00:00; set it to a value from 00:00:00.1000000 to 00:10:00.", o => o.UpgradeTimeout = TimeSpan.FromHours(1) },
        { "Levee:SocketIo:CloseTimeout is 01:00:00; set it to a value from 00:00:00.1000000 to 00:01:00.", o => o.CloseTimeout = TimeSpan.FromHours(1) },
    };

    [Theory]
    [MemberData(nameof(OutOfRange))]
    public async Task A_setting_out_of_range_stops_the_start_and_names_itself(string message, Action<SocketIoOptions> configure)
    {
        var e = await Assert.ThrowsAnyAsync<OptionsValidationException>(() => SocketIoServer.StartAsync(configure));
        Assert.Equal(message, e.Message);
    }

    [Fact]
    public void Without_a_handler_nothing_is_mapped()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddSocketIo();
        using var app = builder.Build();
        Assert.Throws<InvalidOperationException>(() => app.MapSocketIo("/socket.io/"));
    }
}
