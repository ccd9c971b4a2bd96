using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Levee.Protocol.Tests;

/// <summary>Short ways to say what the tests are about.</summary>
internal static class Sample
{
    public static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public static string Text(ReadOnlyMemory<byte> utf8) => Encoding.UTF8.GetString(utf8.Span);

    public static DocumentMessage Op(long csn, long rsn, string type = MessageType.Op, string? contents = "\"x\"") => new()
    {
        Type = type,
        ClientSequenceNumber = csn,
        ReferenceSequenceNumber = rsn,
        Members = contents is null ? default : Bytes($"\"contents\":{contents}"),
        Contents = contents is null ? default : Bytes(contents),
    };

    public static ClientDetail Detail(string user = "ann", bool summarizer = false) => ClientDetail.Create(
        Bytes(summarizer ? """{"details":{"type":"summarizer"}}""" : """{"details":{"capabilities":{"interactive":true}}}"""),
        Bytes($$"""{"id":"{{user}}"}"""),
        [Scopes.DocRead, Scopes.DocWrite, Scopes.SummaryWrite],
        ConnectionMode.Write);

    /// <summary>A sequenced message as the service or a client would have it.</summary>
    public static SequencedDocumentMessage Message(
        long sn, long msn, string type = MessageType.Op, string? clientId = "A", long csn = 1, long rsn = 0, ReadOnlyMemory<byte> members = default) =>
        new()
        {
            ClientId = clientId,
            ClientSequenceNumber = csn,
            ReferenceSequenceNumber = rsn,
            SequenceNumber = sn,
            MinimumSequenceNumber = msn,
            Timestamp = 1795475101965,
            Type = type,
            Members = members,
        };

    public static SequencedDocumentMessage Service(long sn, long msn, string type, ReadOnlyMemory<byte> members = default) =>
        Message(sn, msn, type, clientId: null, csn: -1, rsn: -1, members);

    public static ReadOnlyMemory<byte> Encode(in SequencedDocumentMessage message)
    {
        var output = new ArrayBufferWriter<byte>();
        SequencedMessageWriter.Write(output, message);
        return output.WrittenMemory;
    }

    public static DocumentMessage Read(string json) => Read(Bytes(json));

    public static DocumentMessage Read(ReadOnlyMemory<byte> json)
    {
        var reader = new Utf8JsonReader(json.Span);
        reader.Read();
        return new DocumentMessageReader(json).Read(ref reader);
    }

    public static string Write(this Nack nack) => Text(JsonWriting.Write(writer => nack.Write(writer)));
}
