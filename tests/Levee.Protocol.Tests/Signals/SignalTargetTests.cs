namespace Levee.Protocol.Tests;

/// <summary>Precedence: the targeted, then the ignored, then the one target, then everybody.</summary>
public sealed class SignalTargetTests
{
    [Theory]
    [InlineData("A", "A", "A", "A", true)]
    [InlineData("A", "A", "B", "A", true)]
    [InlineData("B", null, "A", "A", false)]
    [InlineData("A B", null, null, "B", true)]
    [InlineData("", null, "A", "A", false)]
    [InlineData(null, "A", "A", "A", false)]
    [InlineData(null, "A", "A", "B", true)]
    [InlineData(null, "A B", null, "B", false)]
    [InlineData(null, "", "A", "B", true)]
    [InlineData(null, null, "A", "A", true)]
    [InlineData(null, null, "A", "B", false)]
    [InlineData(null, null, "unknown", "A", false)]
    [InlineData(null, null, null, "A", true)]
    public void Includes_whom_the_first_rule_that_applies_says(string? only, string? except, string? target, string client, bool included)
    {
        var who = new SignalTarget(Split(only), Split(except), target);

        Assert.Equal(included, who.Includes(client));
        Assert.Equal(only is null && except is null && target is null, who.IsEverybody);
    }

    private static string[]? Split(string? names) => names?.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
