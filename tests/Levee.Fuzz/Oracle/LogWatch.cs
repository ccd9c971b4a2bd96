using Microsoft.Extensions.Logging;

namespace Levee.Fuzz.Oracle;

/// <summary>Reads every line that the server logs: no failure, no exception, nothing that is secret or a client's content.</summary>
internal sealed class LogWatch(Findings findings, IReadOnlyList<string> planted) : ILoggerProvider
{
    private const string Dialect = "log";
    private long _lines;

    /// <summary>How many lines were read.</summary>
    internal long Lines => Interlocked.Read(ref _lines);

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private void Read(LogLevel level, string category, string message, Exception? exception)
    {
        Interlocked.Increment(ref _lines);
        if (level >= LogLevel.Error || exception is not null || message.Contains("Unhandled", StringComparison.OrdinalIgnoreCase))
        {
            findings.Add(new Finding($"the log says {level} {category}: {message} {exception}", Dialect, -1, []));
        }

        foreach (var secret in planted)
        {
            if (message.Contains(secret, StringComparison.Ordinal))
            {
                findings.Add(new Finding($"the log holds what was planted ({secret}): {level} {category}: {message}", Dialect, -1, []));
            }
        }
    }

    private sealed class Logger(LogWatch watch, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            watch.Read(logLevel, category, formatter(state, exception), exception);
    }
}
