using System.Text.Json;

namespace Levee.Protocol;

/// <summary>A signal as a stock Fluid client sent it: a text (V1), or an object whose <c>content</c> is one (V2).</summary>
/// <param name="text">The text, a JSON string.</param>
/// <param name="signal">The V2 object; empty for V1.</param>
internal sealed class FluidSignal(ReadOnlyMemory<byte> text, ReadOnlyMemory<byte> signal = default) : Signal
{
    private protected override ReadOnlyMemory<byte> ReadContent() =>
        // As of a Levee client whose batch is a JSON string.
        FluidEnvelope.TryReadObject(text, out var json) ? SignalReader.ContentOf(json) : text;

    private protected override ReadOnlyMemory<byte> WriteFluidMembers() => JsonWriting.Members(writer =>
    {
        // What is in the envelope is the clients' own affair; a text without one would end the container of everybody who reads it.
        if (FluidEnvelope.TryReadObject(text, out var inside) && FluidEnvelope.IsEnvelope(inside))
        {
            writer.WriteRaw("content", text);
        }
        else
        {
            writer.WriteAsText("content", FluidEnvelope.Wrap("", text));
        }

        if (!signal.IsEmpty)
        {
            CopyMembers(signal, writer);
        }
    });

    private static void CopyMembers(ReadOnlyMemory<byte> signal, Utf8JsonWriter writer)
    {
        var reader = new Utf8JsonReader(signal.Span, JsonReading.Wrapped);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            // Who sends is the service's word alone. And stock clients throw on a signal that has a type: nobody may do that to others.
            var isDropped = reader.IsText("content"u8) || reader.IsText("clientId"u8) || reader.IsText("type"u8);
            var name = reader.TryGetText();
            var value = JsonReading.ReadValue(ref reader, signal);
            if (!isDropped && name is not null)
            {
                writer.WriteRaw(name, value);
            }
        }
    }
}
