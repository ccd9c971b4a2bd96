using System.Runtime.InteropServices;
using Levee.Faults;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

// By hand it runs as long as it is told to; without arguments of its own it is a test project like the others.
if (!FaultArguments.AreFor(args))
{
    return args.Contains("--server") || args.Contains("--internal-msbuild-node")
        ? await TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions)
        : await ConsoleRunner.Run(args);
}

if (FaultArguments.Read(args, Console.WriteLine) is not { } options)
{
    Console.Error.WriteLine(FaultArguments.Usage);
    return 2;
}

// Told to end, it ends the server first.
using var interrupted = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt);
try
{
    var report = await FaultRun.RunAsync(options, interrupted.Token);
    return report.Violations.Count == 0 ? 0 : 1;
}
catch (OperationCanceledException) when (interrupted.IsCancellationRequested)
{
    Console.Error.WriteLine("interrupted");
    return 2;
}

void Interrupt(PosixSignalContext context)
{
    context.Cancel = true;
    interrupted.Cancel();
}
