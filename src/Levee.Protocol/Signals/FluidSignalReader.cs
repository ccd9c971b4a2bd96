using System.Text.Json;

namespace Levee.Protocol;

/// <summary>
/// Reads the signals of a stock Fluid client. V1 is a list of texts, or of lists of texts. V2, which client and service agree on when they
/// connect, is a list of objects <c>{content, targetClientId?, clientConnectionNumber?, referenceSequenceNumber?, type?}</c>.
/// </summary>
public static class FluidSignalReader
{
    /// <summary>Reads all signals of <paramref name="batches"/>, of which there may be <paramref name="maxSignals"/>.</summary>
    /// <exception cref="MalformedMessageException">It is no list, a signal in it is of another shape, or there are too many. None was taken.</exception>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    public static IReadOnlyList<Signal> ReadV1(ReadOnlyMemory<byte> batches, int maxSignals = int.MaxValue)
    {
        var signals = new SignalList(maxSignals);
        foreach (var batch in JsonReading.ReadList(batches))
        {
            if (batch.Span[0] != (byte)'[')
            {
                signals.Add(ReadText(batch));
                continue;
            }

            foreach (var text in JsonReading.ReadList(batch))
            {
                signals.Add(ReadText(text));
            }
        }

        return signals.Signals;
    }

    /// <inheritdoc cref="ReadV1"/>
    public static IReadOnlyList<Signal> ReadV2(ReadOnlyMemory<byte> batches, int maxSignals = int.MaxValue)
    {
        var signals = new SignalList(maxSignals);
        foreach (var signal in JsonReading.ReadList(batches))
        {
            signals.Add(ReadObject(signal));
        }

        return signals.Signals;
    }

    private static FluidSignal ReadText(ReadOnlyMemory<byte> json) => JsonReading.TextOf(json) is not null
        ? new FluidSignal(json)
        : throw new MalformedMessageException("a V1 signal must be a text");

    private static Signal ReadObject(ReadOnlyMemory<byte> json)
    {
        if (!FluidEnvelope.IsObject(json) || !JsonReading.TryGetMember(json, "content"u8, out var content))
        {
            throw new MalformedMessageException("a V2 signal must be an object with a content");
        }

        RequireNumber(json, "clientConnectionNumber");
        RequireNumber(json, "referenceSequenceNumber");
        ReadTextMember(json, "type");
        var target = ReadTextMember(json, "targetClientId") is { } id ? new SignalTarget(null, null, id) : SignalTarget.Everybody;
        // Stock clients put text there; what others put there gets the envelope that those who read texts need.
        return JsonReading.TextOf(content) is not null
            ? new FluidSignal(content, json) { Target = target }
            : new LeveeSignal(content, json) { Target = target };
    }

    private static string? ReadTextMember(ReadOnlyMemory<byte> json, string name) =>
        JsonReading.TryGetMember(json, System.Text.Encoding.ASCII.GetBytes(name), out var value)
            ? JsonReading.TextOf(value) ?? throw new MalformedMessageException($"a signal's {name} must be a text")
            : null;

    private static void RequireNumber(ReadOnlyMemory<byte> json, string name)
    {
        if (JsonReading.TryGetMember(json, System.Text.Encoding.ASCII.GetBytes(name), out var value)
            && value.Span[0] is not ((byte)'-' or (>= (byte)'0' and <= (byte)'9')))
        {
            throw new MalformedMessageException($"a signal's {name} must be a number");
        }
    }
}
