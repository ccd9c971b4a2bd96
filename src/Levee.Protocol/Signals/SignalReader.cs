using System.Text;
using System.Text.Json;

namespace Levee.Protocol;

/// <summary>
/// Reads the <c>contentBatches</c> of a Levee client. A batch is one signal object, a list of them, or a JSON string of either; a
/// signal is a V1 envelope <c>{address, contents: {type, content}}</c>, a V2 object <c>{content, targetClientId?}</c>, or a V2
/// object wrapped as <c>{signal: {...}, targetedClients?, ignoredClients?}</c>. A string that is no JSON is itself the content.
/// </summary>
public static class SignalReader
{
    private static readonly ReadOnlyMemory<byte> Null = "null"u8.ToArray();

    /// <summary>Reads all signals of <paramref name="contentBatches"/>, of which there may be <paramref name="maxSignals"/>.</summary>
    /// <exception cref="MalformedMessageException">It is no list, a signal in it is no signal, or there are too many.</exception>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    public static IReadOnlyList<Signal> ReadBatches(ReadOnlyMemory<byte> contentBatches, int maxSignals = int.MaxValue)
    {
        var signals = new SignalList(maxSignals);
        var reader = new Utf8JsonReader(contentBatches.Span);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new MalformedMessageException("contentBatches must be a list");
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            Add(JsonReading.CurrentValue(ref reader, contentBatches), signals, wrapped: false);
        }

        return signals.Signals;
    }

    private static void Add(ReadOnlyMemory<byte> json, SignalList signals, bool wrapped)
    {
        var reader = new Utf8JsonReader(json.Span);
        reader.Read();
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                signals.Add(ReadSignal(json));
                break;

            case JsonTokenType.StartArray:
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    AddElement(JsonReading.CurrentValue(ref reader, json), signals);
                }

                break;

            // A batch that is a JSON string holds its signals as JSON text, once.
            case JsonTokenType.String when !wrapped:
                AddText(json, signals);
                break;

            default:
                signals.Add(Signal.Of(json));
                break;
        }
    }

    private static void AddElement(ReadOnlyMemory<byte> json, SignalList signals)
    {
        var isList = json.Span[0] == (byte)'[';
        if (isList)
        {
            throw new MalformedMessageException("a list of signals must not hold a list");
        }

        Add(json, signals, wrapped: false);
    }

    private static void AddText(ReadOnlyMemory<byte> json, SignalList signals)
    {
        var text = JsonReading.TextOf(json) ?? throw new MalformedMessageException("a signal is no valid text");
        ReadOnlyMemory<byte> inner = Encoding.UTF8.GetBytes(text);
        if (JsonReading.IsWhole(inner, JsonTokenType.StartObject) || JsonReading.IsWhole(inner, JsonTokenType.StartArray))
        {
            Add(inner, signals, wrapped: true);
        }
        else
        {
            signals.Add(Signal.Of(json));
        }
    }

    /// <summary>What an object that a client sent as a signal carries.</summary>
    internal static ReadOnlyMemory<byte> ContentOf(ReadOnlyMemory<byte> json) => ContentOf(json, InnerOf(json));

    private static ReadOnlyMemory<byte> ContentOf(ReadOnlyMemory<byte> json, ReadOnlyMemory<byte> inner)
    {
        var source = JsonReading.TryGetMember(json, "contents"u8, out var contents) ? contents : inner;
        return JsonReading.TryGetMember(source, "content"u8, out var content) ? content : Null;
    }

    /// <summary>The signal inside its wrapper; the object itself when it has none, as envelopes have none.</summary>
    private static ReadOnlyMemory<byte> InnerOf(ReadOnlyMemory<byte> json)
    {
        var isEnvelope = JsonReading.TryGetMember(json, "contents"u8, out _) || JsonReading.TryGetMember(json, "address"u8, out _);
        return !isEnvelope && JsonReading.TryGetMember(json, "signal"u8, out var signal) && FluidEnvelope.IsObject(signal) ? signal : json;
    }

    private static LeveeSignal ReadSignal(ReadOnlyMemory<byte> json)
    {
        var inner = InnerOf(json);
        return new LeveeSignal(ContentOf(json, inner), inner)
        {
            // An envelope needs no target, but what names one must not reach others.
            Target = new SignalTarget(ReadIds(json, "targetedClients"u8), ReadIds(json, "ignoredClients"u8), ReadTarget(inner)),
        };
    }

    private static string? ReadTarget(ReadOnlyMemory<byte> json) =>
        TryGetNonNull(json, "targetClientId"u8, out var target)
            ? JsonReading.TextOf(target) ?? throw new MalformedMessageException("targetClientId must be a string")
            : null;

    private static bool TryGetNonNull(ReadOnlyMemory<byte> json, ReadOnlySpan<byte> name, out ReadOnlyMemory<byte> value) =>
        JsonReading.TryGetMember(json, name, out value) && !value.Span.SequenceEqual(Null.Span);

    private static List<string>? ReadIds(ReadOnlyMemory<byte> json, ReadOnlySpan<byte> name)
    {
        if (!TryGetNonNull(json, name, out var list))
        {
            return null;
        }

        if (list.Span[0] != (byte)'[')
        {
            throw new MalformedMessageException("a signal's client list must be a list");
        }

        var ids = new List<string>();
        var reader = new Utf8JsonReader(list.Span);
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            ids.Add(reader.TryGetText() ?? throw new MalformedMessageException("a signal's client list must hold strings"));
            if (ids.Count > SignalTarget.MaxListed)
            {
                throw new MalformedMessageException($"a signal may list at most {SignalTarget.MaxListed} clients");
            }
        }

        return ids;
    }
}
