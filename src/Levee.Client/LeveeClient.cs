using System.Runtime.CompilerServices;
using Levee.Protocol;

namespace Levee.Client;

/// <summary>A client of one Levee server and tenant. Safe for any number of threads; keep one and dispose it at the end.</summary>
public sealed class LeveeClient : IDisposable
{
    private readonly ServerRequests _requests;

    /// <summary>Makes a client. Nothing is sent yet.</summary>
    /// <exception cref="ArgumentException">An option is missing or out of range; the message names it.</exception>
    public LeveeClient(LeveeClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        Options = options;
        _requests = new ServerRequests(options);
    }

    /// <summary>What the client was made with.</summary>
    public LeveeClientOptions Options { get; }

    /// <summary>Creates a document.</summary>
    /// <param name="documentId">Its id; null leaves the choice to the server, and asks the token provider for a token for <c>""</c>.</param>
    /// <param name="summary">What it starts from, a Fluid summary tree as JSON; empty for nothing.</param>
    /// <param name="cancellationToken">Gives up; the document may have been created.</param>
    /// <returns>The document's id.</returns>
    /// <exception cref="LeveeRefusedException">409: it exists. 401, 403: the token does not allow it. 400: the id or summary is malformed.</exception>
    /// <exception cref="LeveeTransportException">The server did not answer.</exception>
    public Task<string> CreateDocumentAsync(
        string? documentId = null, ReadOnlyMemory<byte> summary = default, CancellationToken cancellationToken = default) =>
        _requests.CreateDocumentAsync(documentId, summary, cancellationToken);

    /// <summary>
    /// Connects to a document. The first connection is tried once; from then on the document reconnects by itself until it is disposed or
    /// refused.
    /// </summary>
    /// <param name="documentId">The document.</param>
    /// <param name="mode">Whether to submit ops or only to read.</param>
    /// <param name="cancellationToken">Gives up connecting.</param>
    /// <exception cref="LeveeRefusedException">The server said no: the code and reason are those of <c>connect_document_error</c>.</exception>
    /// <exception cref="LeveeTransportException">The server could not be reached in time.</exception>
    public Task<LeveeDocument> ConnectAsync(
        string documentId, ConnectionMode mode = ConnectionMode.Write, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(documentId);
        return LeveeDocument.ConnectAsync(Options, _requests, documentId, mode, cancellationToken);
    }

    /// <summary>Reads the sequenced messages that a document has, without connecting to it.</summary>
    /// <param name="documentId">The document.</param>
    /// <param name="after">Where to start: the messages after this SN. 0 is the beginning.</param>
    /// <param name="through">The last SN to read; as far as there are messages when absent.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async IAsyncEnumerable<SequencedMessage> ReadHistoryAsync(
        string documentId,
        long after = 0,
        long through = long.MaxValue,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(documentId);
        ArgumentOutOfRangeException.ThrowIfNegative(after);
        while (after < through)
        {
            var page = await _requests.ReadDeltasAsync(documentId, after, through, cancellationToken);
            if (page.Count == 0)
            {
                yield break;
            }

            foreach (var message in page)
            {
                after = LeveeDocument.RequireNext(message, after);
                yield return message;
            }
        }
    }

    /// <summary>Ends requests that are under way. Documents live on until they are disposed themselves, but can no longer read history.</summary>
    public void Dispose() => _requests.Dispose();
}
