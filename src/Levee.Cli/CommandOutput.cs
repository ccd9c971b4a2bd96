using Spectre.Console;

namespace Levee.Cli;

/// <summary>Where a command says what it does: results on one stream, progress and failures on the other.</summary>
/// <param name="output">The results.</param>
/// <param name="errors">Everything else.</param>
/// <param name="isTerminal">Whether somebody watches; a file or a pipe gets plain lines.</param>
internal sealed class CommandOutput(TextWriter output, TextWriter errors, bool isTerminal)
{
    public TextWriter Out => output;

    public TextWriter Errors => errors;

    /// <summary>True when progress may be drawn.</summary>
    public bool IsTerminal => isTerminal;

    /// <summary>A console to draw on, for when somebody watches.</summary>
    public IAnsiConsole Terminal() => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Ansi = AnsiSupport.Yes,
        Interactive = InteractionSupport.Yes,
        Out = new AnsiConsoleOutput(errors),
    });
}
