using System.CommandLine;
using Levee.Cli.Backups;
using Levee.Storage;

namespace Levee.Cli;

/// <summary>The command <c>levee</c>. Each subcommand lies in a folder of its own, and knows nothing of the others.</summary>
internal static class LeveeCommand
{
    /// <summary>Runs one command line.</summary>
    /// <returns>The exit code; see <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(string[] args, CommandOutput output, CancellationToken cancellationToken = default)
    {
        var root = new RootCommand("Levee: a Fluid service that you can run yourself.")
        {
            BackupCommand.Create(output),
            RestoreCommand.Create(output),
        };
        var parsed = root.Parse(args);
        var invocation = new InvocationConfiguration { Output = output.Out, Error = output.Errors, EnableDefaultExceptionHandler = false };
        try
        {
            var exitCode = await parsed.InvokeAsync(invocation, cancellationToken);
            return parsed.Errors.Count > 0 ? ExitCode.Usage : exitCode;
        }
        catch (StorageException failure)
        {
            await output.Errors.WriteLineAsync(failure.Message);
            return ExitCode.Failed;
        }
        catch (OperationCanceledException)
        {
            await output.Errors.WriteLineAsync("Given up.");
            return ExitCode.Interrupted;
        }
    }
}
