using System.Net;
using System.Text;

namespace Levee.Testing;

/// <summary>A GET waits for packets, a POST brings one.</summary>
internal sealed class PollingWire(HttpClient http, Uri address, Action<string> received) : SocketIoWire(received)
{
    private const char Separator = '\u001e';

    private volatile bool _paused;

    internal override async Task SendAsync(string packet, CancellationToken cancellationToken)
    {
        using var content = new StringContent(packet, Encoding.UTF8, "text/plain");
        using var response = await http.PostAsync(address, content, cancellationToken);
        if (response.StatusCode != HttpStatusCode.OK)
        {
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            throw new SocketIoExpectationException($"The packet was answered {(int)response.StatusCode}: {text}");
        }
    }

    /// <summary>Polls no more once the poll of this moment has come back.</summary>
    internal Task PauseAsync()
    {
        _paused = true;
        return Ended;
    }

    protected override async Task ReceiveAsync(Action<string> received, CancellationToken stop)
    {
        while (!_paused)
        {
            var packets = (await http.GetStringAsync(address, stop)).Split(Separator);
            foreach (var packet in packets)
            {
                received(packet);
            }

            if (packets[^1] == "1")
            {
                return;
            }
        }
    }
}
