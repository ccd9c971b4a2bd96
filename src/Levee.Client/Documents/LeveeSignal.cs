using System.Text.Json;

namespace Levee.Client;

/// <summary>A signal as received: never sequenced, never stored.</summary>
/// <param name="ClientId">The sender; null for the service.</param>
/// <param name="Content">What it carries, one JSON value.</param>
public sealed record LeveeSignal(string? ClientId, ReadOnlyMemory<byte> Content)
{
    /// <summary>The content as a value.</summary>
    /// <exception cref="JsonException">It is of another shape.</exception>
    public T? ReadContent<T>(JsonSerializerOptions? options = null) => JsonSerializer.Deserialize<T>(Content.Span, options);
}
