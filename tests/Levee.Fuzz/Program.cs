using Levee.Fuzz;

FuzzOptions options;
try
{
    options = FuzzOptions.Parse(args);
}
catch (Exception e) when (e is FormatException or OverflowException)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 2;
}

Console.WriteLine($"seed      {options.Seed}");
await using var run = await FuzzRun.StartAsync(options);
var running = run.RunAsync();
while (await Task.WhenAny(running, Task.Delay(TimeSpan.FromSeconds(10))) != running)
{
    Console.WriteLine($"          {run.Sent} of {options.Inputs}");
}

var report = await running;
Console.WriteLine(report);
Console.Write(report.Findings.Describe(options.Seed));
return report.Findings.All.Count == 0 ? 0 : 1;
