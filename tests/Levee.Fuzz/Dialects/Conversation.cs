using System.Net.Sockets;
using Levee.Fuzz.Oracle;

namespace Levee.Fuzz.Dialects;

/// <summary>
/// What one attacker sends in one go, on as many connections as it takes: the same inputs for the same seed and number, whatever runs beside
/// it. It knows what the specification lets the server answer, and reports everything else.
/// </summary>
internal abstract class Conversation(Room room, Findings findings, string dialect, long number, Random random)
{
    // About the witnesses' share of the work.
    private const int InputsPerPulse = 100;
    private const int InputsKept = 24;

    private readonly Queue<byte[]> _recent = [];
    private bool _hasReported;

    /// <summary>How many inputs were sent.</summary>
    internal int Sent { get; private set; }

    private protected Room Room => room;

    private protected Random Random => random;

    private protected bool HasReported => _hasReported;

    /// <summary>Sends about so many inputs.</summary>
    internal async Task RunAsync(int inputs)
    {
        while (Sent < inputs && !_hasReported)
        {
            var before = Sent;
            try
            {
                await ConnectAndSendAsync(inputs - Sent);
            }
            catch (Exception e) when (e is TimeoutException or InvalidDataException)
            {
                Report(e.Message);
            }
            catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
            {
                Report($"the connection broke: {e.Message}");
            }
            catch (Exception e)
            {
                // A defect of the fuzzer's own must not pass for an attack that the server has withstood.
                Report($"the attacker failed: {e}");
            }

            if (Sent == before)
            {
                // A connection that was refused before anything could be sent is an input too.
                Count([]);
            }
        }
    }

    /// <summary>One connection, from its beginning to its end.</summary>
    /// <param name="inputs">How many are still to be sent.</param>
    private protected abstract Task ConnectAndSendAsync(int inputs);

    private protected void Count(byte[] input)
    {
        Sent++;
        lock (_recent)
        {
            _recent.Enqueue(input);
            if (_recent.Count > InputsKept)
            {
                _recent.Dequeue();
            }
        }
    }

    private protected async Task PulseAsync()
    {
        if (Sent % InputsPerPulse < 10)
        {
            await room.PulseAsync();
        }
    }

    private protected void Report(string what)
    {
        _hasReported = true;
        lock (_recent)
        {
            findings.Add(new Finding(what, dialect, number, [.. _recent]));
        }
    }
}
