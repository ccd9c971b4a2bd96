using System.Text.Json;

namespace Levee.Protocol;

/// <summary>The contents of a <c>summarize</c> op, sent as an object or as a JSON string of one.</summary>
/// <param name="Handle">What was uploaded: the id of a tree or a commit.</param>
/// <param name="Head">The summary that it builds on; null when the client knows of none.</param>
/// <param name="Message">The commit message.</param>
/// <param name="Parents">Commits that it descends from.</param>
/// <param name="IncludesProtocolTree">True when the uploaded tree holds <c>.app</c> and <c>.protocol</c> itself.</param>
public sealed record SummarizeContents(
    string Handle, string? Head, string Message, IReadOnlyList<string> Parents, bool IncludesProtocolTree)
{
    /// <summary>The most parents that a summary may name.</summary>
    public const int MaxParents = 16;

    /// <summary>Reads the contents.</summary>
    /// <exception cref="MalformedMessageException">They lack what a summary needs; the message says what.</exception>
    public static SummarizeContents Parse(ReadOnlyMemory<byte> contents)
    {
        try
        {
            var json = JsonReading.Unwrap(contents);
            return new SummarizeContents(
                Text(json, "handle"u8) is { Length: > 0 } handle ? handle : throw Missing("a handle"),
                Text(json, "head"u8) is { Length: > 0 } head ? head : null,
                Text(json, "message"u8) ?? "",
                ReadParents(json),
                ReadIncludesProtocolTree(json));
        }
        catch (JsonException)
        {
            throw new MalformedMessageException("The contents of a summarize op must be JSON");
        }
    }

    private static string? Text(ReadOnlyMemory<byte> json, ReadOnlySpan<byte> name) =>
        JsonReading.TryGetMember(json, name, out var value) ? JsonReading.TextOf(value) : null;

    private static bool ReadIncludesProtocolTree(ReadOnlyMemory<byte> json) =>
        JsonReading.TryGetMember(json, "details"u8, out var details)
        && JsonReading.TryGetMember(details, "includesProtocolTree"u8, out var value)
        && value.Span.SequenceEqual("true"u8);

    private static List<string> ReadParents(ReadOnlyMemory<byte> json)
    {
        var parents = new List<string>();
        if (!JsonReading.TryGetMember(json, "parents"u8, out var value))
        {
            return parents;
        }

        var reader = new Utf8JsonReader(value.Span);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
        {
            throw Missing("parents as a list");
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            parents.Add(reader.TryGetText() ?? throw Missing("parents that are strings"));
            if (parents.Count > MaxParents)
            {
                throw Missing($"at most {MaxParents} parents");
            }
        }

        return parents;
    }

    private static MalformedMessageException Missing(string what) => new($"The contents of a summarize op need {what}");
}
