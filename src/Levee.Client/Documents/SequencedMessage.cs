using System.Text.Json;
using Levee.Protocol;

namespace Levee.Client;

/// <summary>A message with its place in the document's order, as received.</summary>
public sealed class SequencedMessage
{
    private readonly SequencedDocumentMessage _envelope;

    /// <summary>Reads a message.</summary>
    /// <param name="json">The message, a JSON object as the server writes it.</param>
    /// <exception cref="LeveeTransportException">It is no such message.</exception>
    public SequencedMessage(ReadOnlyMemory<byte> json)
    {
        Json = json;
        try
        {
            _envelope = SequencedMessageReader.Read(json);
        }
        catch (MalformedMessageException e)
        {
            throw new LeveeTransportException("The server sent what is no sequenced message.", e);
        }
    }

    /// <summary>The whole message as JSON; with <see cref="WireFormat.Json"/> and from history, the bytes that the server keeps.</summary>
    public ReadOnlyMemory<byte> Json { get; }

    /// <summary>The numbers, the sender and the type, read from <see cref="Json"/>.</summary>
    public SequencedDocumentMessage Envelope => _envelope;

    /// <summary>The sequence number (SN): one more than that of the message before.</summary>
    public long SequenceNumber => _envelope.SequenceNumber;

    /// <summary>The minimum sequence number (MSN) after this message.</summary>
    public long MinimumSequenceNumber => _envelope.MinimumSequenceNumber;

    /// <summary>The sender's client id; null for a message of the service.</summary>
    public string? ClientId => _envelope.ClientId;

    /// <summary>The type, such as <c>op</c> or <c>join</c>; see <see cref="MessageType"/>.</summary>
    public string Type => _envelope.Type;

    /// <summary>True for what this <see cref="LeveeDocument"/> sent, on whichever of its connections.</summary>
    public bool IsOwn { get; internal set; }

    /// <summary>The contents, one JSON value, as the sender wrote it; <c>null</c> when there are none.</summary>
    public ReadOnlyMemory<byte> Contents =>
        JsonReading.TryGetMemberOf(_envelope.Members, "contents"u8, out var contents) ? contents : "null"u8.ToArray();

    /// <summary>The contents as a value.</summary>
    /// <exception cref="JsonException">They are of another shape.</exception>
    public T? ReadContents<T>(JsonSerializerOptions? options = null) => JsonSerializer.Deserialize<T>(Contents.Span, options);
}
