using System.Text.Json;

namespace Levee.Protocol;

/// <summary>
/// The record of a connected client that others see (Fluid's <c>IClient</c>). It is the service's word, not the client's: user and
/// scopes come from the verified token, the mode is what was granted; the rest is kept as the client sent it.
/// </summary>
public sealed record ClientDetail
{
    private ClientDetail(ReadOnlyMemory<byte> json, ConnectionMode mode, bool maySummarize)
    {
        Json = json;
        Mode = mode;
        MaySummarize = maySummarize;
    }

    /// <summary>The record as a JSON object.</summary>
    public ReadOnlyMemory<byte> Json { get; }

    /// <summary>The granted mode.</summary>
    public ConnectionMode Mode { get; }

    /// <summary>Whether the record's scopes hold <see cref="Scopes.SummaryWrite"/>.</summary>
    public bool MaySummarize { get; }

    /// <summary>
    /// Makes the record of a client that connects. <see cref="Scopes.SummaryWrite"/> is shown only for one that says that it is a
    /// summarizer: clients elect among those that show it.
    /// </summary>
    /// <param name="client">The <c>client</c> object of the connect message.</param>
    /// <param name="user">The token's user, a JSON object.</param>
    /// <param name="scopes">The token's scopes.</param>
    /// <param name="mode">The granted mode.</param>
    /// <exception cref="MalformedMessageException"><paramref name="client"/> is no object.</exception>
    public static ClientDetail Create(
        ReadOnlyMemory<byte> client, ReadOnlyMemory<byte> user, IEnumerable<string> scopes, ConnectionMode mode)
    {
        var isSummarizer = IsSummarizer(client);
        string[] granted = [.. scopes.Where(scope => isSummarizer || scope != Scopes.SummaryWrite)];
        var json = JsonWriting.Write(writer =>
        {
            writer.WriteStartObject();
            CopyOwnMembers(client, writer);
            writer.WriteString("mode", NameOf(mode));
            writer.WriteRaw("user", user);
            writer.WriteStartArray("scopes");
            Array.ForEach(granted, writer.WriteStringValue);
            writer.WriteEndArray();
            writer.WriteEndObject();
        });
        return new ClientDetail(json, mode, granted.Contains(Scopes.SummaryWrite));
    }

    /// <summary>Reads a record that the service wrote, as in a stored join.</summary>
    public static ClientDetail Parse(ReadOnlyMemory<byte> json)
    {
        var mode = JsonReading.TryGetMember(json, "mode"u8, out var text) && JsonReading.TextOf(text) == NameOf(ConnectionMode.Read)
            ? ConnectionMode.Read
            : ConnectionMode.Write;
        var maySummarize = JsonReading.TryGetMember(json, "scopes"u8, out var scopes) && HasSummaryScope(scopes);
        return new ClientDetail(json, mode, maySummarize);
    }

    /// <summary>The wire's name of a mode.</summary>
    public static string NameOf(ConnectionMode mode) => mode == ConnectionMode.Write ? "write" : "read";

    private static bool IsSummarizer(ReadOnlyMemory<byte> client)
    {
        if (!JsonReading.TryGetMember(client, "details"u8, out var details))
        {
            return false;
        }

        var type = JsonReading.TryGetMember(details, "type"u8, out var value) ? JsonReading.TextOf(value) : null;
        return type == "summarizer"
            || (JsonReading.TryGetMember(details, "capabilities"u8, out var capabilities)
                && JsonReading.TryGetMember(capabilities, "interactive"u8, out var interactive)
                && interactive.Span.SequenceEqual("false"u8));
    }

    private static void CopyOwnMembers(ReadOnlyMemory<byte> client, Utf8JsonWriter writer)
    {
        var reader = new Utf8JsonReader(client.Span);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new MalformedMessageException("client must be an object");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isService = reader.IsText("mode"u8) || reader.IsText("user"u8) || reader.IsText("scopes"u8);
            var name = reader.TryGetText() ?? throw new MalformedMessageException("client has a member name that is no text");
            var value = JsonReading.ReadValue(ref reader, client);
            if (!isService)
            {
                writer.WriteRaw(name, value);
            }
        }
    }

    private static bool HasSummaryScope(ReadOnlyMemory<byte> scopes)
    {
        var reader = new Utf8JsonReader(scopes.Span);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.String && reader.IsText("summary:write"u8))
            {
                return true;
            }
        }

        return false;
    }
}
