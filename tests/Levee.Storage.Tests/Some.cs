using System.Text;
using Levee.Protocol;
using Levee.Protocol.Git;

namespace Levee.Storage.Tests;

/// <summary>Values for tests that do not care which.</summary>
internal static class Some
{
    public static readonly DocumentKey Key = new("acme", "plan");

    public static readonly DateTimeOffset Time = new(2026, 3, 4, 5, 6, 7, 89, TimeSpan.Zero);

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public static NewDocument Document(DocumentKey? key = null, long initial = 0) => new()
    {
        Key = key ?? Key,
        CreatedAt = Time,
        InitialSequenceNumber = initial,
        InitialState = InitialState,
    };

    public static readonly ReadOnlyMemory<byte> InitialState = "initial state"u8.ToArray();

    public static Checkpoint Checkpoint(long sequenceNumber, string state = "state") =>
        new(sequenceNumber, Encoding.UTF8.GetBytes($"{state} at {sequenceNumber}"));

    /// <summary>A batch of messages that look like JSON and tell their number.</summary>
    public static DeltaBatch Batch(long first, int count, string text = "x")
    {
        var builder = new DeltaBatchBuilder();
        for (var number = first; number < first + count; number++)
        {
            builder.AddEncoded(number, Encoding.UTF8.GetBytes(Json(number, text)));
        }

        return count == 0 ? new DeltaBatch(first, ReadOnlyMemory<byte>.Empty, []) : builder.Build();
    }

    public static string Json(long number, string text = "x") => $$"""{"sequenceNumber":{{number}},"contents":"{{text}}"}""";

    public static AppendRequest Append(long first, int count, DocumentKey? key = null, string text = "x") =>
        new() { Key = key ?? Key, Deltas = Batch(first, count, text) };

    public static GitObject Blob(string text) => GitObject.Blob(text);

    public static ObjectId Id(string text) => GitObject.Blob(text).Id;

    public static string Text(DeltaBatch batch) => Encoding.UTF8.GetString(batch.Json.Span);

    public static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    public static ValueTask<DeltaBatch> ReadAllAsync(this IDocumentStore store, DocumentKey? key = null) =>
        store.ReadDeltasAsync(key ?? Key, long.MinValue, long.MaxValue, int.MaxValue, int.MaxValue, Token);
}
