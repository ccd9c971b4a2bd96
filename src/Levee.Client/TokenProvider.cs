namespace Levee.Client;

/// <summary>
/// Gives a token for a document: it is asked before each connection, and again when the server refuses a token with 401. A token is good
/// for one document, so the id is told.
/// </summary>
/// <param name="documentId">The document; empty for a token that may create one whose id the server chooses.</param>
/// <param name="cancellationToken">Ends with the attempt.</param>
public delegate ValueTask<string> TokenProvider(string documentId, CancellationToken cancellationToken);
