using Levee.Storage;
using Microsoft.Extensions.Logging;

namespace Levee.Sessions;

/// <summary>
/// What sessions get from outside. Time, randomness and scheduling are among it, so that a simulator can run thousands of sessions
/// on one seed and one thread.
/// </summary>
public sealed record SessionServices
{
    /// <summary>Where documents are kept.</summary>
    public required IDocumentStore Store { get; init; }

    /// <summary>The settings.</summary>
    public required SessionOptions Options { get; init; }

    /// <summary>The logger of all sessions.</summary>
    public required ILogger<DocumentSession> Logger { get; init; }

    /// <summary>The clock and its timers.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>What runs the sessions' loops and their catch-up readers.</summary>
    public TaskScheduler Scheduler { get; init; } = TaskScheduler.Default;

    /// <summary>Makes client ids: unique for ever and not guessable.</summary>
    public Func<string> NewClientId { get; init; } = () => Guid.NewGuid().ToString();

    /// <summary>Now, in milliseconds since the Unix epoch.</summary>
    internal long Now => Time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Runs <paramref name="work"/> on <see cref="Scheduler"/>, continuations included.</summary>
    internal Task Start(Func<Task> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.DenyChildAttach, Scheduler).Unwrap();
}
