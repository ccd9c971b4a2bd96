using System.Buffers;
using System.Text.Json;

namespace Levee.Identity;

/// <summary>
/// The user that a token speaks for. The JSON object is kept byte for byte: applications put fields of their own into it,
/// and find them again in join messages.
/// </summary>
public sealed class TokenUser
{
    internal TokenUser(string id, ReadOnlyMemory<byte> json)
    {
        Id = id;
        Json = json;
    }

    /// <summary>The value of <c>id</c>.</summary>
    public string Id { get; }

    /// <summary>The whole object, UTF-8.</summary>
    public ReadOnlyMemory<byte> Json { get; }

    /// <summary>A user with an id and, if given, a name.</summary>
    /// <param name="id">Unique within the application.</param>
    /// <param name="name">Shown to other users.</param>
    public static TokenUser Create(string id, string? name = null)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("id"u8, id);
            if (name is not null)
            {
                writer.WriteString("name"u8, name);
            }

            writer.WriteEndObject();
        }

        return new TokenUser(id, buffer.WrittenMemory);
    }

    /// <summary>A user as an application describes it.</summary>
    /// <param name="json">A JSON object with a string <c>id</c>; other fields are free.</param>
    /// <exception cref="ArgumentException">It is not such an object.</exception>
    public static TokenUser Parse(ReadOnlyMemory<byte> json) => ClaimsReader.ReadUser(json.ToArray())
        ?? throw new ArgumentException("A user is a JSON object with a string id.", nameof(json));
}
