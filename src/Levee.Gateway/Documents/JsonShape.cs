using System.Text;
using Levee.Protocol;

namespace Levee.Gateway.Documents;

/// <summary>A value of a client's message whose shape is to be checked; of what is absent, members are absent too.</summary>
/// <param name="Json">The value; empty when it is absent.</param>
internal readonly record struct JsonShape(ReadOnlyMemory<byte> Json)
{
    // Clients name a handful of anything that is a list of texts here.
    private const int MaxTexts = 64;

    public bool IsAbsent => Json.IsEmpty;

    public bool IsObject => First == '{';

    public bool IsNumber => First is '-' or (>= '0' and <= '9');

    public bool IsNull => Json.Span.SequenceEqual("null"u8);

    public bool IsTrue => Json.Span.SequenceEqual("true"u8);

    public bool IsBoolean => IsTrue || Json.Span.SequenceEqual("false"u8);

    public bool IsText => Text is not null;

    public string? Text => First == '"' ? JsonReading.TextOf(Json) : null;

    public bool IsListOfTexts =>
        First == '[' && JsonReading.ReadList(Json) is { Count: <= MaxTexts } list && list.TrueForAll(item => JsonReading.TextOf(item) is not null);

    /// <summary>The texts of a list of texts.</summary>
    public List<string> Texts => JsonReading.ReadList(Json).ConvertAll(item => JsonReading.TextOf(item)!);

    private char First => Json.IsEmpty ? '\0' : (char)Json.Span[0];

    public JsonShape this[string name] =>
        IsObject && JsonReading.TryGetMember(Json, Encoding.ASCII.GetBytes(name), out var value) ? new JsonShape(value) : default;

    public bool IsTextIfPresent(bool orNull = false) => IsAbsent || IsText || (orNull && IsNull);
}
