using Levee.Identity;
using Levee.Protocol;
using Levee.Sessions;

namespace Levee.Gateway.Phoenix.Documents;

/// <summary>What a session tells one client, as frames on its channel.</summary>
internal sealed class DocumentChannelClient(
    ChannelContext context,
    string? connectReference,
    ConnectDocumentMessage request,
    TokenClaims claims,
    int maxMessageBytes,
    Action onRefused) : IDocumentClient
{
    private volatile bool _isConnected;

    /// <summary>True from the moment when the client is told that it is connected.</summary>
    public bool IsConnected => _isConnected;

    /// <summary>The client's connection; set once, before the session hears of it.</summary>
    public DocumentConnection Connection { get; set; } = null!;

    /// <inheritdoc/>
    public void OnConnected(ConnectedDocument document)
    {
        _isConnected = true;
        context.Reply(connectReference, ReplyStatus.Ok, JsonWriting.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("clientId", document.ClientId);
            writer.WriteEndObject();
        }));
        context.Push("connect_document_success", ConnectedPayload.Write(document, request, claims, maxMessageBytes));
    }

    /// <inheritdoc/>
    public void OnRefused(ConnectRefusal refusal)
    {
        onRefused();
        SendConnectError(context, connectReference, ChannelError.Of(refusal));
    }

    /// <inheritdoc/>
    public void OnOps(OpsBroadcast ops) => PushShared(DocumentFrames.Of(ops, context.Serializer));

    /// <inheritdoc/>
    public void OnSubmitted(Submission submission, IReadOnlyList<Nack> nacks)
    {
        var reference = (string?)submission.Tag;
        if (nacks.Count == 0)
        {
            context.Reply(reference, ReplyStatus.Ok);
            return;
        }

        context.Push("nack", NackPayload(nacks));
        var content = nacks[0].Content;
        context.Reply(reference, ReplyStatus.Error, ErrorResponse(new ChannelError(content.Code, "nacked", content.Message)));
    }

    /// <inheritdoc/>
    public void OnSignal(SignalBroadcast signal)
    {
        // In this dialect nobody hears itself, and of joins and leaves only those of readers are signals: writers' are ops.
        var isOwn = signal.ClientId == Connection.ClientId || signal.Subject?.ClientId == Connection.ClientId;
        if (!isOwn && signal.Subject?.Detail.Mode != ConnectionMode.Write)
        {
            PushShared(DocumentFrames.Of(signal, context.Topic, context.Serializer));
        }
    }

    /// <inheritdoc/>
    public void OnSessionEnded(SessionEnd end)
    {
        _isConnected = false;
        context.Crash($"session ended: {end}");
    }

    /// <inheritdoc/>
    public async ValueTask<IDisposable?> TakeTurnAsync()
    {
        try
        {
            return await context.TakeTurnAsync(context.Aborted);
        }
        catch (OperationCanceledException)
        {
            // The channel has ended: that its client is gone is no fault of the document's.
            return null;
        }
    }

    /// <summary>Refuses a connection: the reply with the reason, and the event that clients of the original wait for.</summary>
    public static void SendConnectError(ChannelContext context, string? reference, ChannelError error)
    {
        context.Reply(reference, ReplyStatus.Error, ErrorResponse(error));
        context.Push("connect_document_error", JsonWriting.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteNumber("code", error.Code);
            writer.WriteString("message", error.Message);
            writer.WriteEndObject();
        }));
    }

    /// <summary>The response of an error reply.</summary>
    public static byte[] ErrorResponse(ChannelError error) => JsonWriting.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("reason", error.Reason);
        writer.WriteNumber("code", error.Code);
        writer.WriteString("message", error.Message);
        writer.WriteEndObject();
    });

    /// <summary>The payload of a <c>nack</c> event.</summary>
    public static byte[] NackPayload(IReadOnlyList<Nack> nacks) => JsonWriting.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("clientId", "");
        writer.WriteStartArray("nacks");
        foreach (var nack in nacks)
        {
            nack.Write(writer);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    private void PushShared(IReadOnlyList<ReadOnlyMemory<byte>> frames)
    {
        foreach (var frame in frames)
        {
            context.PushShared(frame);
        }
    }
}
