using System.Globalization;
using Microsoft.Extensions.Options;

namespace Levee.Gateway.Phoenix.Serializers;

/// <summary>The one instance of each serializer that an application has, and the choice among them by <c>?vsn=</c>.</summary>
public sealed class PhoenixSerializers
{
    private readonly JsonObjectSerializer _legacy;
    private readonly JsonArraySerializer _json;
    private readonly MessagePackArraySerializer _messagePack;

    /// <summary>Makes the serializers with <see cref="PhoenixOptions.MaxDepth"/> as it is now.</summary>
    public PhoenixSerializers(IOptions<PhoenixOptions> options)
    {
        var maxDepth = options.Value.MaxDepth;
        _legacy = new JsonObjectSerializer(maxDepth);
        _json = new JsonArraySerializer(maxDepth);
        _messagePack = new MessagePackArraySerializer(maxDepth);
    }

    /// <summary>Every serializer, oldest first.</summary>
    public IReadOnlyList<IPhoenixSerializer> All => [_legacy, _json, _messagePack];

    /// <summary>
    /// The serializer of a version, by its first number (<c>2.0.0</c>, <c>2</c>); no version means 1. Null where the text is
    /// no version or none of ours.
    /// </summary>
    public IPhoenixSerializer? Find(string? version)
    {
        if (string.IsNullOrEmpty(version))
        {
            return _legacy;
        }

        var parts = version.Split('.', 4);
        if (parts.Length > 3 || !Array.TrueForAll(parts, IsNumber))
        {
            return null;
        }

        return parts[0] switch
        {
            "1" => _legacy,
            "2" => _json,
            "3" => _messagePack,
            _ => null,
        };
    }

    private static bool IsNumber(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _);
}
