using System.Globalization;
using Levee.Load;

// Measures a real server process over real sockets, on loopback. Bounded: it stops by itself.
var workload = args.FirstOrDefault() ?? "";
int Option(string name, int otherwise) =>
    Array.IndexOf(args, "--" + name) is var at and >= 0 ? int.Parse(args[at + 1], CultureInfo.InvariantCulture) : otherwise;

switch (workload)
{
    case "throughput":
        await ThroughputWorkload.RunAsync(
            writers: Option("writers", 4), seconds: Option("seconds", 10), outstanding: Option("outstanding", 256), batch: Option("batch", 16));
        return 0;

    case "roundtrip":
        await ThroughputWorkload.RunAsync(writers: 1, seconds: Option("seconds", 10), outstanding: 1, batch: 1);
        return 0;

    case "idle":
        await IdleWorkload.RunAsync(connections: Option("connections", 2000));
        return 0;

    default:
        Console.Error.WriteLine("""
            usage: Levee.Load throughput [--writers 4] [--seconds 10] [--outstanding 256] [--batch 16]
                   Levee.Load roundtrip [--seconds 10]
                   Levee.Load idle [--connections 2000]
            """);
        return 2;
}
