using System.Diagnostics;
using System.Text.Json;

namespace Levee.Load;

/// <summary>One document; writers that each keep a number of own ops on the way, and check the order of all that they receive.</summary>
internal static class ThroughputWorkload
{
    private const string Document = "throughput";

    public static async Task RunAsync(int writers, int seconds, int outstanding, int batch)
    {
        await using var server = await MeasuredServer.StartAsync();
        await LoadClient.CreateDocumentAsync(server.Url, Document);
        var clients = new List<Writer>();
        for (var i = 0; i < writers; i++)
        {
            clients.Add(new Writer(await LoadClient.ConnectAsync(server.Url, Document, "write"), outstanding, batch));
        }

        var running = clients.Select(client => Task.Run(client.RunAsync)).ToList();
        // The first seconds compile; they are not counted.
        await Task.WhenAny(Task.WhenAll(running), Task.Delay(TimeSpan.FromSeconds(3)));
        clients.ForEach(client => client.StartCounting());
        var cpu = server.Cpu;
        var clock = Stopwatch.StartNew();
        await Task.WhenAny(Task.WhenAll(running), Task.Delay(TimeSpan.FromSeconds(seconds)));
        clients.ForEach(client => client.Stop());
        var elapsed = clock.Elapsed;
        var used = server.Cpu - cpu;
        await Task.WhenAll(running);

        var latencies = clients.SelectMany(client => client.Latencies).Order().ToArray();
        Console.WriteLine($"writers {writers}, outstanding {outstanding}, batch {batch}, {elapsed.TotalSeconds:F1} s");
        Console.WriteLine($"  sequenced ops/s    {latencies.Length / elapsed.TotalSeconds:N0}");
        Console.WriteLine($"  server CPU per op  {used.TotalMicroseconds / latencies.Length:F1} us");
        Console.WriteLine($"  own op, p50 / p99  {Percentile(latencies, 0.50):F2} / {Percentile(latencies, 0.99):F2} ms");
        Console.WriteLine($"  server memory      {MeasuredServer.Megabytes(server.Memory)}");
    }

    private static double Percentile(long[] sorted, double part) =>
        Stopwatch.GetElapsedTime(0, sorted[(int)(part * (sorted.Length - 1))]).TotalMilliseconds;

    private sealed class Writer(LoadClient client, int outstanding, int batch)
    {
        private readonly Queue<long> _sentAt = new();
        private long _nextClientSequenceNumber = 1;
        private long _lastSeen;
        private volatile bool _isCounting;
        private volatile bool _isStopping;

        public List<long> Latencies { get; } = new(1 << 20);

        public void StartCounting() => _isCounting = true;

        public void Stop()
        {
            _isCounting = false;
            _isStopping = true;
        }

        public async Task RunAsync()
        {
            using (client)
            {
                while (!_isStopping || _sentAt.Count > 0)
                {
                    while (!_isStopping && _sentAt.Count + batch <= outstanding)
                    {
                        var now = Stopwatch.GetTimestamp();
                        await client.SubmitAsync(_nextClientSequenceNumber, batch, _lastSeen == 0 ? -1 : _lastSeen);
                        _nextClientSequenceNumber += batch;
                        for (var i = 0; i < batch; i++)
                        {
                            _sentAt.Enqueue(now);
                        }
                    }

                    Take((await client.ReceiveAsync()).Span);
                }
            }
        }

        /// <summary>Reads an op frame in one pass, checking that numbers have no gap; other frames have no ops.</summary>
        private void Take(ReadOnlySpan<byte> frame)
        {
            var reader = new Utf8JsonReader(frame);
            var isOwn = false;
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 4)
                {
                    if (reader.CurrentDepth == 1 && reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("nack"u8))
                    {
                        throw new InvalidOperationException("An op was nacked.");
                    }

                    continue;
                }

                if (reader.ValueTextEquals("clientId"u8))
                {
                    reader.Read();
                    isOwn = reader.TokenType == JsonTokenType.String && reader.ValueTextEquals(client.ClientId);
                }
                else if (reader.ValueTextEquals("sequenceNumber"u8))
                {
                    reader.Read();
                    Sequenced(reader.GetInt64(), isOwn);
                }
            }
        }

        private void Sequenced(long sequenceNumber, bool isOwn)
        {
            if (_lastSeen != 0 && sequenceNumber != _lastSeen + 1)
            {
                throw new InvalidOperationException($"After {_lastSeen} came {sequenceNumber}.");
            }

            _lastSeen = sequenceNumber;
            if (isOwn && _sentAt.TryDequeue(out var sent) && _isCounting)
            {
                Latencies.Add(Stopwatch.GetTimestamp() - sent);
            }
        }
    }
}
