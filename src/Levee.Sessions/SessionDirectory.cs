using System.Collections.Concurrent;
using Levee.Protocol;

namespace Levee.Sessions;

/// <summary>Finds the live session of a document, and starts it when there is none. May be called from any thread.</summary>
public sealed class SessionDirectory(SessionServices services)
{
    private readonly ConcurrentDictionary<DocumentKey, (DocumentSession Session, Task Ended)> _sessions = new();
    private readonly Lock _starting = new();
    private bool _isStopping;

    /// <summary>How many documents are live.</summary>
    public int Count => _sessions.Count;

    /// <summary>Whether a document is live.</summary>
    public bool IsLive(DocumentKey document) => _sessions.ContainsKey(document);

    /// <summary>
    /// Hands a connection to the session of its document. Completes when the session has taken it; the answer is one of
    /// <see cref="IDocumentClient.OnConnected"/> and <see cref="IDocumentClient.OnRefused"/>.
    /// </summary>
    public async ValueTask ConnectAsync(DocumentKey document, DocumentConnection connection)
    {
        while (FindOrStart(document) is { } live)
        {
            connection.AttachTo(live.Session);
            if (await live.Session.PostAsync(new SessionCommand.Connect(connection)))
            {
                return;
            }

            // It has just ended; the next one starts when this one has let go of the document.
            await live.Ended;
        }

        connection.Client.OnRefused(ConnectRefusal.Draining);
    }

    /// <summary>Ends all sessions: what was acknowledged is durable already; clients are told, checkpoints written.</summary>
    public async Task StopAsync()
    {
        lock (_starting)
        {
            _isStopping = true;
        }

        // In an order that does not depend on hashes, so that a simulated stop is the same each time.
        var live = _sessions.OrderBy(entry => entry.Key.ToString(), StringComparer.Ordinal).Select(entry => entry.Value).ToArray();
        // Side by side: a session that has no room for the word must not keep the others from hearing it.
        await Task.WhenAll(live.Select(async one =>
        {
            await one.Session.PostAsync(new SessionCommand.Stop());
            await one.Ended;
        }));
    }

    private (DocumentSession Session, Task Ended)? FindOrStart(DocumentKey document)
    {
        if (_sessions.TryGetValue(document, out var live))
        {
            return live;
        }

        lock (_starting)
        {
            if (_isStopping)
            {
                return null;
            }

            if (!_sessions.TryGetValue(document, out live))
            {
                var session = new DocumentSession(document, services);
                var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                live = (session, ended.Task);
                _sessions[document] = live;
                services.Start(() => RunAsync(session, ended));
            }

            return live;
        }
    }

    private async Task RunAsync(DocumentSession session, TaskCompletionSource ended)
    {
        var (end, left) = await session.RunAsync();
        _sessions.TryRemove(session.Key, out _);
        ended.SetResult();
        foreach (var connect in left.OfType<SessionCommand.Connect>())
        {
            await ReconnectAsync(session.Key, connect.Connection, end);
        }
    }

    /// <summary>A connection that reached the mailbox of a session on its last breath: an idle one is simply started again.</summary>
    private async Task ReconnectAsync(DocumentKey document, DocumentConnection connection, SessionEnd end)
    {
        if (end == SessionEnd.Idle)
        {
            await ConnectAsync(document, connection);
            return;
        }

        connection.Client.OnRefused(end switch
        {
            SessionEnd.UnknownDocument => ConnectRefusal.UnknownDocument,
            SessionEnd.Failed => ConnectRefusal.StartFailed,
            SessionEnd.StorageUnavailable => ConnectRefusal.StorageUnavailable,
            SessionEnd.Stopped => ConnectRefusal.Draining,
            _ => ConnectRefusal.SessionEnded,
        });
    }
}
