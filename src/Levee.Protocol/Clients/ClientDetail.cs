using System.Text.Json;

namespace Levee.Protocol;

/// <summary>
/// The record of a connected client that others see (Fluid's <c>IClient</c>). It is the service's word, not the client's: user and
/// scopes come from the verified token, the mode is what was granted; the rest is kept as the client sent it.
/// </summary>
public sealed record ClientDetail
{
    private static readonly string[] ServiceMembers = ["mode", "user", "scopes"];
    private static readonly string[] ServiceMembersAndDetails = [.. ServiceMembers, "details"];

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
    /// summarizer: clients elect among those that show it. <c>details.capabilities</c> is put in where the client sent none: stock clients
    /// read it of everybody in a document's history, and a record without it would end them all, for ever. For the same reason a user whose
    /// token has no <c>name</c> has its id for a name here: the audiences of Azure's and Tinylicious's clients insist on one.
    /// </summary>
    /// <param name="client">The <c>client</c> object of the connect message.</param>
    /// <param name="user">The token's user, a JSON object.</param>
    /// <param name="scopes">The token's scopes.</param>
    /// <param name="mode">The granted mode.</param>
    /// <exception cref="MalformedMessageException"><paramref name="client"/> is no object, or nested deeper than a frame may be.</exception>
    public static ClientDetail Create(
        ReadOnlyMemory<byte> client, ReadOnlyMemory<byte> user, IEnumerable<string> scopes, ConnectionMode mode)
    {
        try
        {
            return CreateCore(client, user, scopes, mode);
        }
        catch (JsonException)
        {
            throw new MalformedMessageException("client must be JSON of a sane depth");
        }
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

    private static ClientDetail CreateCore(
        ReadOnlyMemory<byte> client, ReadOnlyMemory<byte> user, IEnumerable<string> scopes, ConnectionMode mode)
    {
        var isSummarizer = IsSummarizer(client);
        var isComplete = HasCapabilities(client);
        string[] granted = [.. scopes.Where(scope => isSummarizer || scope != Scopes.SummaryWrite)];
        var json = JsonWriting.Write(writer =>
        {
            writer.WriteStartObject();
            CopyMembers(client, writer, except: isComplete ? ServiceMembers : ServiceMembersAndDetails);
            writer.WriteString("mode", NameOf(mode));
            WriteUser(user, writer);
            writer.WriteStartArray("scopes");
            Array.ForEach(granted, writer.WriteStringValue);
            writer.WriteEndArray();
            if (!isComplete)
            {
                WriteDetails(client, writer, isInteractive: !isSummarizer);
            }

            writer.WriteEndObject();
        });
        return new ClientDetail(json, mode, granted.Contains(Scopes.SummaryWrite));
    }

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

    private static bool HasCapabilities(ReadOnlyMemory<byte> client) =>
        JsonReading.TryGetMember(client, "details"u8, out var details)
        && JsonReading.TryGetMember(details, "capabilities"u8, out var capabilities)
        && IsObject(capabilities);

    private static bool IsObject(ReadOnlyMemory<byte> json) => !json.IsEmpty && json.Span[0] == (byte)'{';

    private static void WriteDetails(ReadOnlyMemory<byte> client, Utf8JsonWriter writer, bool isInteractive)
    {
        writer.WriteStartObject("details");
        if (JsonReading.TryGetMember(client, "details"u8, out var details) && IsObject(details))
        {
            CopyMembers(details, writer, except: ["capabilities"]);
        }

        writer.WriteStartObject("capabilities");
        writer.WriteBoolean("interactive", isInteractive);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteUser(ReadOnlyMemory<byte> user, Utf8JsonWriter writer)
    {
        if (TextOf(user, "name"u8) is not null || TextOf(user, "id"u8) is not { } id)
        {
            writer.WriteRaw("user", user);
            return;
        }

        writer.WriteStartObject("user");
        CopyMembers(user, writer, except: ["name"]);
        writer.WriteString("name", id);
        writer.WriteEndObject();
    }

    private static string? TextOf(ReadOnlyMemory<byte> json, ReadOnlySpan<byte> name) =>
        JsonReading.TryGetMember(json, name, out var value) ? JsonReading.TextOf(value) : null;

    private static void CopyMembers(ReadOnlyMemory<byte> json, Utf8JsonWriter writer, string[] except)
    {
        var reader = new Utf8JsonReader(json.Span);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new MalformedMessageException("client must be an object");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.TryGetText() ?? throw new MalformedMessageException("client has a member name that is no text");
            var value = JsonReading.ReadValue(ref reader, json);
            if (!except.Contains(name))
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
