using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Levee.Protocol;

namespace Levee.Gateway.Rest;

/// <summary>Reads the small shapes of requests.</summary>
internal static class RestJsonReading
{
    /// <summary>Reads a member's value.</summary>
    /// <exception cref="MalformedMessageException">It has another shape; the message names the place.</exception>
    public static T As<T>(this ReadOnlyMemory<byte> json, string name, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(json.Span, type) ?? throw new MalformedMessageException($"{name} must not be null");
        }
        catch (JsonException e)
        {
            throw new MalformedMessageException($"{name}{PlaceOf(e)} has the wrong type");
        }
    }

    /// <summary>The serializer's path without its root; names in it are ours, never the client's, since unknown members are skipped.</summary>
    private static string PlaceOf(JsonException failure) => failure.Path is ['$', .. var place] ? place : "";
}
