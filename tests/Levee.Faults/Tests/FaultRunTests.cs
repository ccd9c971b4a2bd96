namespace Levee.Faults.Tests;

/// <summary>A server that is killed, again and again, at any moment of its life: nothing that it said is ever untrue afterwards. And a run finds it where it is.</summary>
public sealed class FaultRunTests
{
    // CONTRIBUTING.md says how to run it for longer.
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(45);

    public static TheoryData<string> Damages => new(
        nameof(Damage.LoseWrites), nameof(Damage.ChangeBytes), nameof(Damage.LoseBlobs), nameof(Damage.MoveHeadBack));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Keeps_all_that_was_ever_seen_or_answered_through_kills_at_every_moment()
    {
        var report = await FaultRun.RunAsync(Options() with { Duration = Duration }, Ct);
        Assert.True(report.Violations.Count == 0, $"LEVEE_TEST_SEED={report.Seed} draws the same moments again.\n{string.Join('\n', report.Violations)}");
        Assert.True(report.KillsWithOpsInFlight > 0, report.Table);
        Assert.True(report.Summaries > 0, report.Table);
    }

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task Reports_what_a_damaged_disk_has_lost(string damage)
    {
        var report = await FaultRun.RunAsync(Options() with { Kills = 5, Documents = 1, WhileDead = Of(damage) }, Ct);
        Assert.NotEmpty(report.Violations);
    }

    [Fact]
    public async Task Reports_nothing_when_nothing_is_lost_that_can_not_be_rebuilt()
    {
        var report = await FaultRun.RunAsync(Options() with { Kills = 2, Documents = 1, WhileDead = Damage.LoseCheckpoints }, Ct);
        Assert.Empty(report.Violations);
    }

    private static FaultOptions Options()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("LEVEE_TEST_SEED"), out var given) ? given : Random.Shared.Next();
        var output = TestContext.Current.TestOutputHelper!;
        return new FaultOptions { Seed = seed, Write = output.WriteLine };
    }

    private static Action<string> Of(string damage) => damage switch
    {
        nameof(Damage.LoseWrites) => Damage.LoseWrites,
        nameof(Damage.ChangeBytes) => Damage.ChangeBytes,
        nameof(Damage.LoseBlobs) => Damage.LoseBlobs,
        nameof(Damage.MoveHeadBack) => Damage.MoveHeadBack,
        _ => throw new ArgumentOutOfRangeException(nameof(damage), damage, "No such damage."),
    };
}
