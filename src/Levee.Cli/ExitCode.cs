namespace Levee.Cli;

/// <summary>How a command ends.</summary>
internal static class ExitCode
{
    /// <summary>It was done.</summary>
    public const int Done = 0;

    /// <summary>It could not be done; the error stream says why.</summary>
    public const int Failed = 1;

    /// <summary>It was not understood.</summary>
    public const int Usage = 2;

    /// <summary>It was given up by Ctrl-C, as shells count.</summary>
    public const int Interrupted = 130;
}
