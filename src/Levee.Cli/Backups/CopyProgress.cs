using Levee.Storage;
using Spectre.Console;

namespace Levee.Cli.Backups;

/// <summary>Shows how far a backup or a restore is: a bar for who watches, else a line for each stage and each tenth of it.</summary>
internal static class CopyProgress
{
    /// <summary>Runs the work beside the caller, so that Ctrl-C reaches it.</summary>
    public static async Task<BackupResult> RunAsync(CommandOutput output, Func<IProgress<BackupProgress>, BackupResult> work)
    {
        if (!output.IsTerminal)
        {
            return await Task.Run(() => work(new Lines(output.Errors)));
        }

        return await output.Terminal().Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn(), new SpinnerColumn())
            .StartAsync(context => Task.Run(() => work(new Bars(context))));
    }

    private static string Name(BackupStage stage) => stage switch
    {
        BackupStage.Copying => "Copying",
        BackupStage.Verifying => "Verifying",
        _ => "Packing",
    };

    private sealed class Lines(TextWriter writer) : IProgress<BackupProgress>
    {
        private BackupStage? _stage;
        private long _tenths;

        public void Report(BackupProgress value)
        {
            var tenths = value.Total == 0 ? 0 : value.Done * 10 / value.Total;
            if (value.Stage == _stage && tenths == _tenths)
            {
                return;
            }

            (_stage, _tenths) = (value.Stage, tenths);
            writer.WriteLine(value.Total == 0
                ? $"{Name(value.Stage)} ..."
                : $"{Name(value.Stage)} {tenths * 10} % of {Summary.Size(value.Total)}");
        }
    }

    private sealed class Bars(ProgressContext context) : IProgress<BackupProgress>
    {
        private BackupStage? _stage;
        private ProgressTask? _task;

        public void Report(BackupProgress value)
        {
            if (value.Stage != _stage)
            {
                _task?.StopTask();
                (_stage, _task) = (value.Stage, context.AddTask(Name(value.Stage)));
            }

            _task!.IsIndeterminate = value.Total == 0;
            _task.MaxValue = Math.Max(1, value.Total);
            _task.Value = value.Done;
        }
    }
}
