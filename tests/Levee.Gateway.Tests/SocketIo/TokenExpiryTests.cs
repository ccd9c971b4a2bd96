using Levee.Gateway.SocketIo.Documents;
using Microsoft.Extensions.Time.Testing;

namespace Levee.Gateway.Tests.SocketIo;

/// <summary>A token's end is heard of at its moment: once, neither before nor, however far it lies, never.</summary>
public sealed class TokenExpiryTests
{
    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData(1)]
    [InlineData(3600)]
    [InlineData(100 * 86_400)]
    public void Comes_when_the_time_is_over_and_not_before(long seconds)
    {
        var calls = 0;
        var life = TimeSpan.FromSeconds(seconds);
        using var expiry = new TokenExpiry(_time, _time.GetUtcNow() + life, () => calls++);

        _time.Advance(life - TimeSpan.FromMilliseconds(1));
        Assert.Equal(0, calls);

        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, calls);

        _time.Advance(life);
        Assert.Equal(1, calls);
    }

    [Fact]
    public void Comes_at_once_when_the_time_was_over_before()
    {
        var calls = 0;
        using var expiry = new TokenExpiry(_time, _time.GetUtcNow() - TimeSpan.FromSeconds(1), () => calls++);
        _time.Advance(TimeSpan.Zero);
        Assert.Equal(1, calls);
    }

    [Fact]
    public void Does_not_come_for_a_client_that_has_left()
    {
        var calls = 0;
        new TokenExpiry(_time, _time.GetUtcNow() + TimeSpan.FromSeconds(1), () => calls++).Dispose();
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(0, calls);
    }
}
