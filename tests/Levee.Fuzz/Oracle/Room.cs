using System.Globalization;
using System.Text.Json;
using Levee.Testing;

namespace Levee.Fuzz.Oracle;

/// <summary>A document to attack, with a witness of each dialect at work on it, and tokens of all kinds.</summary>
internal sealed class Room : IAsyncDisposable
{
    private readonly LeveeTestServer _server;
    private readonly Findings _findings;
    private readonly SemaphoreSlim _pulse = new(1);
    private readonly Witness[] _witnesses;

    private Room(LeveeTestServer server, Findings findings, string document, Witness[] witnesses)
    {
        (_server, _findings, Document, _witnesses) = (server, findings, document, witnesses);
        OtherClientId = witnesses[0].ClientId;
        Tokens =
        [
            TestTokens.FullAccess(document), TestTokens.ReadWrite(document), TestTokens.ReadOnly(document), TestTokens.WithoutScopes(document),
            TestTokens.Expired(document), TestTokens.WrongSecret(document), TestTokens.FullAccess(document, TestTenants.Other),
            TestTokens.FullAccess("another"), TestTokens.Without(document, "user"), TestTokens.Without(document, "exp"), TestTokens.FullAccess(""),
        ];
    }

    /// <summary>The document's id.</summary>
    internal string Document { get; }

    /// <summary>The tenant's id.</summary>
    internal static string Tenant => TestTenants.Default.Id;

    /// <summary>Where the server is.</summary>
    internal Uri Url => _server.Url;

    /// <summary>A client id that is none of an attacker's.</summary>
    internal string OtherClientId { get; }

    /// <summary>Tokens; the first allows everything, the next two less, the others nothing here.</summary>
    internal IReadOnlyList<string> Tokens { get; }

    internal static async Task<Room> OpenAsync(LeveeTestServer server, Findings findings, string document)
    {
        using var levee = server.CreateClient();
        await levee.CreateDocumentAsync(document);
        return new Room(server, findings, document,
            [await PhoenixWitness.ConnectAsync(server.Url, document), await SocketIoWitness.ConnectAsync(server.Url, document)]);
    }

    /// <summary>The token for most of what is sent.</summary>
    internal string Token(Random random) => random.Next(3) > 0 ? Tokens[0] : Tokens[random.Next(Tokens.Count)];

    /// <summary>Lets each witness do a piece of work, unless it is at it.</summary>
    internal async Task PulseAsync()
    {
        if (!await _pulse.WaitAsync(TimeSpan.Zero))
        {
            return;
        }

        try
        {
            await WorkAsync();
        }
        finally
        {
            _pulse.Release();
        }
    }

    /// <summary>Requires that both witnesses can work, and saw what is stored, byte for byte.</summary>
    internal async Task CheckAsync()
    {
        await _pulse.WaitAsync();
        try
        {
            await WorkAsync();
            var last = _witnesses.Max(witness => witness.LastNumber);
            await Task.WhenAll(_witnesses.Select(witness => witness.WaitForAsync(last)));
            var stored = await ReadStoredAsync();
            foreach (var witness in _witnesses)
            {
                Compare(witness, stored);
            }
        }
        finally
        {
            _pulse.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var witness in _witnesses)
        {
            await witness.DisposeAsync();
        }

        _pulse.Dispose();
    }

    private async Task WorkAsync()
    {
        try
        {
            await Task.WhenAll(_witnesses.Select(witness => witness.WriteAsync()));
        }
        catch (Exception e) when (e is TimeoutException or IOException or System.Net.Sockets.SocketException)
        {
            Report($"a witness of {Document} could not work: {e.Message}");
        }

        foreach (var witness in _witnesses)
        {
            if (witness.Failure is { } failure)
            {
                Report(failure);
            }
        }
    }

    private void Compare(Witness witness, List<string> stored)
    {
        foreach (var (number, json) in witness.Seen())
        {
            if (number > stored.Count || stored[(int)number - 1] != json)
            {
                var kept = number > stored.Count ? "nothing" : stored[(int)number - 1];
                Report($"{witness.GetType().Name} of {Document} saw {json}, but stored is {kept}");
                return;
            }
        }
    }

    private async Task<List<string>> ReadStoredAsync()
    {
        using var http = new HttpClient { BaseAddress = Url };
        http.DefaultRequestHeaders.Authorization = new("Bearer", Tokens[0]);
        var stored = new List<string>();
        while (true)
        {
            var path = string.Create(CultureInfo.InvariantCulture, $"/deltas/{Tenant}/{Document}?from={stored.Count}");
            var page = JsonSerializer.Deserialize<JsonElement>(await http.GetByteArrayAsync(new Uri(path, UriKind.Relative)));
            var messages = page.GetProperty("value").EnumerateArray().ToList();
            if (messages.Count == 0)
            {
                return stored;
            }

            foreach (var message in messages)
            {
                stored.Add(message.GetRawText());
                if (message.GetProperty("sequenceNumber").GetInt64() != stored.Count)
                {
                    Report($"{Document} has a hole before {message.GetRawText()}");
                }
            }
        }
    }

    private void Report(string what) => _findings.Add(new Finding(what, "witness", -1, []));
}
