using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Levee.Fuzz.Wire;

/// <summary>A TCP connection to the server, on which any bytes at all can be sent. One reader, one writer.</summary>
internal sealed class RawConnection : IDisposable
{
    // A server that says nothing for so long hangs: that is a finding.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[16 * 1024];
    private int _start;
    private int _end;

    /// <summary>Connects.</summary>
    internal static async Task<RawConnection> OpenAsync(Uri server)
    {
        var connection = new RawConnection();
        await connection._socket.ConnectAsync(new IPEndPoint(IPAddress.Parse(server.Host), server.Port));
        return connection;
    }

    internal async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await _socket.SendAsync(bytes)..];
        }
    }

    /// <summary>Says that nothing more will be sent.</summary>
    internal void EndSending() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>Reads so many bytes; null when the connection ends before.</summary>
    internal async ValueTask<byte[]?> ReadAsync(int count)
    {
        var bytes = new byte[count];
        for (var have = 0; have < count;)
        {
            if (_start == _end && !await FillAsync())
            {
                return null;
            }

            var take = Math.Min(count - have, _end - _start);
            _buffer.AsSpan(_start, take).CopyTo(bytes.AsSpan(have));
            _start += take;
            have += take;
        }

        return bytes;
    }

    /// <summary>Reads a line that ends in CR LF, without it; null when the connection ends before.</summary>
    internal async ValueTask<string?> ReadLineAsync()
    {
        var line = new StringBuilder();
        while (true)
        {
            if (_start == _end && !await FillAsync())
            {
                return null;
            }

            var newLine = Array.IndexOf(_buffer, (byte)'\n', _start, _end - _start);
            var until = newLine < 0 ? _end : newLine + 1;
            line.Append(Encoding.Latin1.GetString(_buffer, _start, until - _start));
            _start = until;
            if (newLine >= 0)
            {
                return line.ToString().TrimEnd('\r', '\n');
            }
        }
    }

    /// <summary>Reads to the end of the connection.</summary>
    internal async ValueTask<byte[]> ReadToEndAsync()
    {
        using var all = new MemoryStream();
        do
        {
            all.Write(_buffer, _start, _end - _start);
            _start = _end;
        }
        while (await FillAsync());
        return all.ToArray();
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private async ValueTask<bool> FillAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            (_start, _end) = (0, await _socket.ReceiveAsync(_buffer, patience.Token));
            return _end > 0;
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"the server said nothing for {Patience.TotalSeconds:0} s");
        }
    }
}
