using Levee.Protocol;

namespace Levee.Sessions;

/// <content>How messages reach each client: live from the loop, or from the log until it has caught up.</content>
public sealed partial class DocumentSession
{
    /// <summary>Sends durable messages to the clients that are live.</summary>
    private void Broadcast(DeltaBatch deltas)
    {
        _recent.Add(deltas);
        _published = deltas.LastSequenceNumber;
        var broadcast = new OpsBroadcast(Key, deltas);
        foreach (var connection in _connections)
        {
            if (connection.Cursor.IsLive)
            {
                Deliver(connection, broadcast);
            }
        }
    }

    /// <summary>Sends what the client does not have yet of <paramref name="broadcast"/>.</summary>
    private void Deliver(DocumentConnection connection, OpsBroadcast broadcast)
    {
        var cursor = connection.Cursor;
        var deltas = broadcast.Deltas;
        if (deltas.LastSequenceNumber <= cursor.Delivered)
        {
            return;
        }

        if (deltas.FirstSequenceNumber <= cursor.Delivered)
        {
            broadcast = new OpsBroadcast(Key, deltas.After(cursor.Delivered));
        }

        cursor.Delivered = deltas.LastSequenceNumber;
        connection.Client.OnOps(broadcast);
    }

    private void StartDelivery(DocumentConnection connection)
    {
        var after = connection.LastSeen ?? _published;
        connection.Cursor.Delivered = after;
        connection.Cursor.IsLive = after >= _published;
        if (!connection.Cursor.IsLive)
        {
            CatchUp(connection, after);
        }
    }

    private void RequestOps(DocumentConnection connection, long after)
    {
        if (connection.IsAdmitted && !connection.HasLeft && after < _published)
        {
            CatchUp(connection, after);
        }
    }

    private void CatchUp(DocumentConnection connection, long after)
    {
        var cursor = connection.Cursor;
        cursor.IsLive = false;
        cursor.Wanted = new ReadPosition(after);
        if (!cursor.IsReading)
        {
            cursor.IsReading = true;
            _services.Start(() => CatchUpAsync(connection));
        }
    }

    /// <summary>
    /// Reads the log page by page, as fast as the client takes it, and reports when it stands at the end. What is committed
    /// meanwhile is in the log too, so nothing has to be held back for the client.
    /// </summary>
    private async Task CatchUpAsync(DocumentConnection connection)
    {
        var cursor = connection.Cursor;
        var position = cursor.Wanted!;
        var delivered = position.After;
        while (!connection.HasLeft)
        {
            using (var turn = await connection.Client.TakeTurnAsync())
            {
                if (turn is null)
                {
                    return;
                }

                if (cursor.Wanted is { } wanted && wanted != position)
                {
                    position = wanted;
                    delivered = position.After;
                }

                if (await ReadPageAsync(delivered) is not { } page)
                {
                    return;
                }

                if (page.Count > 0)
                {
                    delivered = page.LastSequenceNumber;
                    if (!connection.TryTell(new OpsBroadcast(Key, page)))
                    {
                        return;
                    }

                    continue;
                }
            }

            await PostAsync(new SessionCommand.CaughtUp(connection, position, delivered));
            return;
        }
    }

    /// <summary>Reads the next page of the log. A log that can not be read is the session's end, not this client's alone: null.</summary>
    private async Task<DeltaBatch?> ReadPageAsync(long after)
    {
        try
        {
            return await _services.Store.ReadDeltasAsync(
                Key, after, long.MaxValue, int.MaxValue, _services.Options.CatchUpPageBytes, CancellationToken.None);
        }
        catch (Exception e)
        {
            await PostAsync(new SessionCommand.Fail(e));
            return null;
        }
    }

    /// <summary>Joins the end of a catch-up to the live stream.</summary>
    private void GoLive(SessionCommand.CaughtUp caughtUp)
    {
        var connection = caughtUp.Connection;
        var cursor = connection.Cursor;
        cursor.IsReading = false;
        if (connection.HasLeft)
        {
            return;
        }

        if (caughtUp.Delivered > _state.SequenceNumber)
        {
            StandDown(caughtUp.Delivered);
            return;
        }

        if (cursor.Wanted is { } wanted && wanted != caughtUp.Position)
        {
            // The client asked again just when the reader had come to the end.
            CatchUp(connection, wanted.After);
            return;
        }

        // The log may be ahead of what was published; the cursor then drops what comes twice.
        cursor.Delivered = caughtUp.Delivered;
        if (_recent.TryRead(caughtUp.Delivered, out var missed) || caughtUp.Delivered >= _published)
        {
            cursor.IsLive = true;
            foreach (var deltas in missed)
            {
                Deliver(connection, new OpsBroadcast(Key, deltas));
            }

            return;
        }

        CatchUp(connection, caughtUp.Delivered);
    }
}
