using Levee.Protocol;

namespace Levee.Sessions;

/// <summary>A signal on its way to clients.</summary>
public sealed class SignalBroadcast : SharedFrames
{
    private readonly Signal _signal;

    private SignalBroadcast(string? clientId, Signal signal, AudienceMember? subject)
    {
        ClientId = clientId;
        _signal = signal;
        Subject = subject;
    }

    /// <summary>The sender; null for a signal of the service.</summary>
    public string? ClientId { get; }

    /// <inheritdoc cref="Signal.Content"/>
    public ReadOnlyMemory<byte> Content => _signal.Content;

    /// <inheritdoc cref="Signal.FluidMembers"/>
    public ReadOnlyMemory<byte> FluidMembers => _signal.FluidMembers;

    /// <summary>Who joined or left, when the service says so; null for a client's signal.</summary>
    public AudienceMember? Subject { get; }

    /// <summary>A client's signal.</summary>
    public static SignalBroadcast FromClient(string clientId, Signal signal) => new(clientId, signal, null);

    /// <summary>The service's word that somebody connected: content is a JSON string of <c>{"type":"join","content":{clientId, client}}</c>.</summary>
    public static SignalBroadcast Joined(AudienceMember member) => FromService(member, "join", content =>
    {
        content.WriteStartObject("content");
        content.WriteString("clientId", member.ClientId);
        content.WriteRaw("client", member.Detail.Json);
        content.WriteEndObject();
    });

    /// <summary>The service's word that somebody is gone: content is a JSON string of <c>{"type":"leave","content":clientId}</c>.</summary>
    public static SignalBroadcast Left(AudienceMember member) =>
        FromService(member, "leave", content => content.WriteString("content", member.ClientId));

    /// <inheritdoc cref="SharedFrames.Frames"/>
    public TFrames FramesFor<TEncoding, TFrames>(TEncoding encoding, Func<SignalBroadcast, TEncoding, TFrames> make)
        where TEncoding : class
        where TFrames : class => Frames(this, encoding, make);

    private static SignalBroadcast FromService(AudienceMember member, string type, Action<System.Text.Json.Utf8JsonWriter> writeContent)
    {
        var inner = JsonWriting.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("type", type);
            writeContent(writer);
            writer.WriteEndObject();
        });
        return new SignalBroadcast(null, Signal.OfService(JsonWriting.Write(writer => writer.WriteStringValue(inner))), member);
    }
}
