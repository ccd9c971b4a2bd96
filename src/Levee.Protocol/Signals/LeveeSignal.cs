namespace Levee.Protocol;

/// <summary>A signal as a Levee client sent it.</summary>
/// <param name="content">What it carries.</param>
/// <param name="signal">The signal's object, an envelope or a V2 object; <see cref="Bare"/> when the content came without one.</param>
internal sealed class LeveeSignal(ReadOnlyMemory<byte> content, ReadOnlyMemory<byte> signal) : Signal
{
    /// <summary>No object.</summary>
    public static readonly ReadOnlyMemory<byte> Bare = "null"u8.ToArray();

    // V2's own members; lists of clients, and what else there is, are between the client and the service.
    private static readonly string[] Kept = ["clientConnectionNumber", "referenceSequenceNumber", "targetClientId"];

    private protected override ReadOnlyMemory<byte> ReadContent() => content;

    private protected override ReadOnlyMemory<byte> WriteFluidMembers() => JsonWriting.Members(writer =>
    {
        if (IsTextOfEnvelope())
        {
            writer.WriteRaw("content", content);
        }
        else
        {
            writer.WriteAsText("content", Envelope());
        }

        foreach (var name in Kept)
        {
            if (JsonReading.TryGetMember(signal, System.Text.Encoding.ASCII.GetBytes(name), out var value))
            {
                writer.WriteRaw(name, value);
            }
        }
    });

    private bool IsTextOfEnvelope() => FluidEnvelope.TryReadObject(content, out var inside) && FluidEnvelope.IsEnvelope(inside);

    private ReadOnlyMemory<byte> Envelope() =>
        FluidEnvelope.IsEnvelope(signal) ? signal
        : FluidEnvelope.IsEnvelope(content) ? content
        : FluidEnvelope.Wrap(TypeName(), content);

    /// <summary>The signal's own word for what it is, inside the envelope that it tried to be or beside its content.</summary>
    private string TypeName()
    {
        var source = JsonReading.TryGetMember(signal, "contents"u8, out var contents) ? contents : signal;
        return JsonReading.TryGetMember(source, "type"u8, out var type) ? JsonReading.TextOf(type) ?? "" : "";
    }
}
