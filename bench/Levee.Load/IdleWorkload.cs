namespace Levee.Load;

/// <summary>Many connections that do nothing: what one more of them costs, as the slope between a quarter of them and all.</summary>
internal static class IdleWorkload
{
    private const int Documents = 10;

    public static async Task RunAsync(int connections)
    {
        await using var server = await MeasuredServer.StartAsync();
        for (var i = 0; i < Documents; i++)
        {
            await LoadClient.CreateDocumentAsync(server.Url, $"idle-{i}");
        }

        var clients = new List<LoadClient>();
        var quarter = await ConnectAsync(server, clients, connections / 4);
        var all = await ConnectAsync(server, clients, connections);
        var perConnection = (double)(all - quarter) / (connections - (connections / 4));
        Console.WriteLine($"connections {connections}, read mode, over {Documents} documents");
        Console.WriteLine($"  server memory at a quarter / at all  {MeasuredServer.Megabytes(quarter)} / {MeasuredServer.Megabytes(all)}");
        Console.WriteLine($"  memory per idle connection           {perConnection / 1024:F1} KB");
        clients.ForEach(client => client.Dispose());
    }

    private static async Task<long> ConnectAsync(MeasuredServer server, List<LoadClient> clients, int count)
    {
        while (clients.Count < count)
        {
            clients.Add(await LoadClient.ConnectAsync(server.Url, $"idle-{clients.Count % Documents}", "read"));
        }

        // Let what connecting left behind be collected before it is taken for the cost of being connected.
        await Task.Delay(TimeSpan.FromSeconds(5));
        return server.Memory;
    }
}
