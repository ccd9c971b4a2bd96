namespace Levee.Faults;

/// <summary>What a run shares with its clients.</summary>
/// <param name="server">Where the server listens by now.</param>
internal sealed class RunState(Func<Uri> server) : IDisposable
{
    private volatile bool _isWriting = true;
    private volatile int _generation = 1;

    public Uri Server => server();

    public ServerApi Api { get; } = new(server);

    public Violations Violations { get; } = new();

    public SummaryWatch Summaries { get; } = new();

    /// <summary>Whether writers write; when not, they finish what they have begun.</summary>
    public bool IsWriting
    {
        get => _isWriting;
        set => _isWriting = value;
    }

    /// <summary>How often the server has been started; goes up when one is dead and before the next one lives.</summary>
    public int Generation
    {
        get => _generation;
        set => _generation = value;
    }

    public void Dispose()
    {
        Api.Dispose();
        Violations.Dispose();
    }
}
