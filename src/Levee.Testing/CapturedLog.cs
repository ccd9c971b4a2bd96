using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Levee.Testing;

/// <summary>Keeps the last lines that a server logged, so that a failing test can show them.</summary>
public sealed class CapturedLog : ILoggerProvider
{
    private const int MaxLines = 5000;

    private readonly ConcurrentQueue<string> _lines = [];

    /// <summary>The lines, the oldest first.</summary>
    public string Text => string.Join(Environment.NewLine, _lines);

    /// <summary>Keeps one line more; of too many the oldest goes.</summary>
    public void Add(string line)
    {
        _lines.Enqueue(line);
        while (_lines.Count > MaxLines)
        {
            _lines.TryDequeue(out _);
        }
    }

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private sealed class Logger(CapturedLog log, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            log.Add($"{DateTime.UtcNow:HH:mm:ss.fff} {logLevel} {category}: {formatter(state, exception)} {exception}");
    }
}
