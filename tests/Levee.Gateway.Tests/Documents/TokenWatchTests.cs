using CsCheck;
using Levee.Identity;

namespace Levee.Gateway.Tests.Documents;

/// <summary>A token's end is heard of at its moment: once, neither before nor, however far it lies, never.</summary>
public sealed class TokenWatchTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    [Theory]
    [InlineData(1, 0)]
    [InlineData(3600, 0)]
    [InlineData(3600, 30)]
    [InlineData(100 * 86_400, 0)]
    public async Task Ends_a_connection_when_its_token_expires_and_not_before(long seconds, int skew)
    {
        using var tokens = await WatchedTokens.StartAsync(("Levee:Identity:ClockSkew", $"00:00:{skew:00}"));
        var over = new List<TokenFailure>();
        var life = TimeSpan.FromSeconds(seconds);
        using var watched = tokens.Watch.Watch(tokens.Claims(life), over.Add);

        tokens.Clock.Advance(life + TimeSpan.FromSeconds(skew) - Tick);
        Assert.Empty(over);
        tokens.Clock.Advance(Tick);
        Assert.Equal(TokenFailureReason.TokenExpired, Assert.Single(over).Reason);
        tokens.Clock.Advance(life);
        Assert.Single(over);
        Assert.Equal(0, tokens.Watch.Count);
    }

    [Fact]
    public async Task A_token_for_ever_ends_never()
    {
        using var tokens = await WatchedTokens.StartAsync(("Levee:Identity:ClockSkew", "00:05:00"));
        var over = new List<TokenFailure>();
        using var watched = tokens.Watch.Watch(
            tokens.Claims(new DateTimeOffset(9999, 12, 31, 23, 59, 59, TimeSpan.Zero) - tokens.Clock.GetUtcNow()), over.Add);
        tokens.Clock.Advance(TimeSpan.FromDays(400));
        Assert.Empty(over);
        await tokens.RevokeAsync(new RevocationRequest("acme"));
        tokens.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(TokenFailureReason.TokenRevoked, Assert.Single(over).Reason);
    }

    [Fact]
    public async Task Ends_at_once_what_was_over_before()
    {
        using var tokens = await WatchedTokens.StartAsync();
        var over = new List<TokenFailure>();
        var claims = tokens.Claims(TimeSpan.FromSeconds(1));
        tokens.Clock.Advance(TimeSpan.FromSeconds(2));
        using var watched = tokens.Watch.Watch(claims, over.Add);
        tokens.Clock.Advance(TimeSpan.Zero);
        Assert.Single(over);
    }

    [Fact]
    public async Task Forgets_who_has_left_at_once()
    {
        using var tokens = await WatchedTokens.StartAsync();
        var over = new List<TokenFailure>();
        var watched = tokens.Watch.Watch(tokens.Claims(), over.Add);
        Assert.Equal(1, tokens.Watch.Count);
        watched.Dispose();
        watched.Dispose();
        Assert.Equal(0, tokens.Watch.Count);
        await tokens.RevokeAsync(new RevocationRequest("acme"));
        tokens.Clock.Advance(TimeSpan.FromHours(2));
        Assert.Empty(over);
    }

    [Fact]
    public async Task Ends_a_revoked_token_at_once()
    {
        using var tokens = await WatchedTokens.StartAsync();
        var over = new List<string>();
        var claims = tokens.Claims();
        using var first = tokens.Watch.Watch(claims, failure => over.Add($"one {failure.ReasonName}"));
        using var again = tokens.Watch.Watch(claims, failure => over.Add($"two {failure.ReasonName}"));
        using var other = tokens.Watch.Watch(tokens.Claims(), _ => over.Add("other"));
        using var elsewhere = tokens.Watch.Watch(tokens.Claims(tenant: "other"), _ => over.Add("elsewhere"));

        await tokens.RevokeAsync(new RevocationRequest("acme", Jti: claims.Jti));
        tokens.Clock.Advance(TimeSpan.Zero);

        Assert.Equal(["one token_revoked", "two token_revoked"], over);
        Assert.Equal(2, tokens.Watch.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Ends_a_users_or_a_tenants_tokens_of_before_when_the_second_is_over(bool wholeTenant)
    {
        using var tokens = await WatchedTokens.StartAsync();
        var over = new List<string>();
        using var concerned = tokens.Watch.Watch(tokens.Claims(), _ => over.Add("u1"));
        using var otherUser = tokens.Watch.Watch(tokens.Claims(user: "u2"), _ => over.Add("u2"));
        using var otherTenant = tokens.Watch.Watch(tokens.Claims(tenant: "other"), _ => over.Add("other"));
        tokens.Clock.Advance(TimeSpan.FromMilliseconds(1600));

        await tokens.RevokeAsync(new RevocationRequest("acme", UserId: wholeTenant ? null : "u1"));
        tokens.Clock.Advance(TimeSpan.FromMilliseconds(399));
        Assert.Empty(over);
        tokens.Clock.Advance(Tick);
        Assert.Equal(wholeTenant ? ["u1", "u2"] : ["u1"], over);

        // A token of now is as good as any.
        using var later = tokens.Watch.Watch(tokens.Claims(), _ => over.Add("later"));
        tokens.Clock.Advance(TimeSpan.FromMinutes(59));
        Assert.DoesNotContain("later", over);
    }

    [Fact]
    public async Task A_revocation_that_came_between_the_verifying_and_the_watching_ends_it_too()
    {
        using var tokens = await WatchedTokens.StartAsync();
        var over = new List<TokenFailure>();
        var claims = tokens.Claims();
        await tokens.RevokeAsync(new RevocationRequest("acme", Jti: claims.Jti));
        using var watched = tokens.Watch.Watch(claims, over.Add);
        tokens.Clock.Advance(TimeSpan.Zero);
        Assert.Equal(TokenFailureReason.TokenRevoked, Assert.Single(over).Reason);
    }

    [Fact]
    public async Task A_revocation_that_is_taken_back_in_time_ends_nobody_and_expiry_still_does()
    {
        using var tokens = await WatchedTokens.StartAsync();
        var over = new List<TokenFailure>();
        using var watched = tokens.Watch.Watch(tokens.Claims(TimeSpan.FromMinutes(1)), over.Add);
        var revoked = Assert.IsType<TokensRevoked>(await tokens.RevokeAsync(new RevocationRequest("acme")));
        await tokens.Revocations.DeleteAsync(revoked.Revocation.Id, TestContext.Current.CancellationToken);
        tokens.Clock.Advance(TimeSpan.FromSeconds(59));
        Assert.Empty(over);
        tokens.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(TokenFailureReason.TokenExpired, Assert.Single(over).Reason);
    }

    [Fact]
    public async Task One_that_can_not_be_ended_keeps_nobody_else()
    {
        using var tokens = await WatchedTokens.StartAsync();
        var over = new List<TokenFailure>();
        using var bad = tokens.Watch.Watch(tokens.Claims(TimeSpan.FromSeconds(1)), _ => throw new InvalidOperationException("broken"));
        using var good = tokens.Watch.Watch(tokens.Claims(TimeSpan.FromSeconds(1)), over.Add);
        tokens.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Single(over);
    }

    /// <summary>Against the plainest model: each connection's end, looked at again and again.</summary>
    [Fact]
    public async Task Ends_each_connection_once_and_at_its_own_moment_whatever_the_others_do()
    {
        var connection = Gen.Select(Gen.Int[1, 20], Gen.Int[0, 20]);
        await connection.Array[1, 30].SampleAsync(
            async connections =>
            {
                using var tokens = await WatchedTokens.StartAsync();
                var ended = new Dictionary<int, int>();
                var open = connections.Select((c, i) => tokens.Watch.Watch(
                    tokens.Claims(TimeSpan.FromSeconds(c.Item1)), _ => ended[i] = ended.GetValueOrDefault(i) + 1)).ToList();
                for (var second = 0; second <= 21; second++)
                {
                    for (var i = 0; i < open.Count; i++)
                    {
                        var (life, leaves) = connections[i];
                        Assert.Equal(life <= second && life <= leaves ? 1 : 0, ended.GetValueOrDefault(i));
                        if (leaves == second)
                        {
                            open[i].Dispose();
                        }
                    }

                    tokens.Clock.Advance(TimeSpan.FromSeconds(1));
                }

                Assert.Equal(0, tokens.Watch.Count);
            },
            iter: 30,
            threads: 1);
    }
}
