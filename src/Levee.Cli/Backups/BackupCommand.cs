using System.CommandLine;
using Levee.Storage.Sqlite;

namespace Levee.Cli.Backups;

/// <summary><c>levee backup --data DIR --to TARGET</c>: everything that a server keeps, also while it runs.</summary>
internal static class BackupCommand
{
    public static Command Create(CommandOutput output)
    {
        var data = new Option<string>("--data") { Description = "The server's data directory. The server may be running.", Required = true };
        var to = new Option<string>("--to")
        {
            Description = "A name that does not exist yet, ending in .tar for one file; or a directory, in which the backup gets a name of the time.",
            Required = true,
        };
        var command = new Command("backup", "Back up the documents, and the keys that open the tenants' secrets.") { data, to };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            var made = await CopyProgress.RunAsync(output, progress => SqliteBackup.Create(
                arguments.GetRequiredValue(data), arguments.GetRequiredValue(to), progress, cancellationToken));
            output.Out.WriteLine($"Backed up {Summary.Of(made)} to {made.Path}");
            if (made is { Keys: 0, Tenants: > 0 })
            {
                output.Errors.WriteLine("Warning: there are no keys in the data directory. A server on this backup can not read its tenants' secrets.");
            }

            return ExitCode.Done;
        });
        return command;
    }
}
