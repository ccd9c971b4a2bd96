using System.CommandLine;
using Levee.Storage.Sqlite;

namespace Levee.Cli.Backups;

/// <summary><c>levee restore --from BACKUP --data DIR</c>: a data directory that a server can be started on.</summary>
internal static class RestoreCommand
{
    public static Command Create(CommandOutput output)
    {
        var from = new Option<string>("--from") { Description = "What levee backup has made.", Required = true };
        var data = new Option<string>("--data") { Description = "The data directory to make: empty, or not there yet.", Required = true };
        var command = new Command("restore", "Make a data directory of a backup.") { from, data };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            var restored = await CopyProgress.RunAsync(output, progress => SqliteBackup.Restore(
                arguments.GetRequiredValue(from), arguments.GetRequiredValue(data), progress, cancellationToken));
            output.Out.WriteLine($"Restored {Summary.Of(restored)} into {restored.Path}");
            return ExitCode.Done;
        });
        return command;
    }
}
