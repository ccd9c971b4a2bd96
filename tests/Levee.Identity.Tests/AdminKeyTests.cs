using Microsoft.Extensions.Options;

namespace Levee.Identity.Tests;

public sealed class AdminKeyTests
{
    private const string Key = "0123456789abcdef0123456789abcdef";

    [Theory]
    [InlineData("LEVEE_ADMIN_KEY")]
    [InlineData("Levee:Admin:Key")]
    public void Knows_the_key_and_nothing_else(string setting)
    {
        using var host = IdentityHost.Build(settings: [(setting, Key)]);

        Assert.True(host.AdminKey.IsConfigured);
        Assert.True(host.AdminKey.IsPresentedBy(Key));
        Assert.All(
            new[] { null, "", " ", Key[..^1], Key + "0", Key.ToUpperInvariant(), "\ud800", new string('x', 1_000_000) },
            other => Assert.False(host.AdminKey.IsPresentedBy(other)));
    }

    [Fact]
    public void The_environments_key_wins()
    {
        using var host = IdentityHost.Build(settings: [("LEVEE_ADMIN_KEY", Key), ("Levee:Admin:Key", "another" + Key)]);
        Assert.True(host.AdminKey.IsPresentedBy(Key));
        Assert.False(host.AdminKey.IsPresentedBy("another" + Key));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void Without_a_key_nobody_is_an_operator(string? value)
    {
        using var host = IdentityHost.Build(settings: value is null ? [] : [("LEVEE_ADMIN_KEY", value)]);
        host.StartupValidator.Validate();
        Assert.False(host.AdminKey.IsConfigured);
        Assert.All(new[] { null, "", "x" }, text => Assert.False(host.AdminKey.IsPresentedBy(text)));
    }

    [Theory]
    [InlineData("0123456789abcdef0123456789abcde", "has 31 characters")]
    [InlineData("0123456789abcdef 0123456789abcdef", "white space")]
    [InlineData("levee-dev-secret-change-in-production", "development key")]
    public void Refuses_a_key_that_could_be_guessed_without_quoting_it(string key, string problem)
    {
        using var host = IdentityHost.Build(settings: [("LEVEE_ADMIN_KEY", key)]);
        var failure = Assert.Throws<OptionsValidationException>(host.StartupValidator.Validate);
        Assert.Contains("LEVEE_ADMIN_KEY", failure.Message, StringComparison.Ordinal);
        Assert.Contains(problem, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(key, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_short_key_will_do_in_Development()
    {
        using var host = IdentityHost.Build("Development", settings: [("LEVEE_ADMIN_KEY", "k")]);
        host.StartupValidator.Validate();
        Assert.True(host.AdminKey.IsPresentedBy("k"));
    }
}
