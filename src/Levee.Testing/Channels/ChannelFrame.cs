using System.Text.Json;

namespace Levee.Testing;

/// <summary>A frame as received.</summary>
/// <param name="JoinRef">The join that it belongs to; null for a broadcast.</param>
/// <param name="Ref">The push that it answers; null for a push of the server.</param>
/// <param name="Topic">The channel.</param>
/// <param name="Event">The event.</param>
/// <param name="Payload">The payload.</param>
/// <param name="PayloadJson">The payload's bytes: with <see cref="ChannelFormat.Json"/> exactly as sent.</param>
public sealed record ChannelFrame(
    string? JoinRef, string? Ref, string Topic, string Event, JsonElement Payload, ReadOnlyMemory<byte> PayloadJson)
{
    /// <summary>Of a reply: its <c>status</c>.</summary>
    public string? Status => Payload.ValueKind == JsonValueKind.Object && Payload.TryGetProperty("status", out var status) ? status.GetString() : null;

    /// <summary>Of a reply: its <c>response</c>.</summary>
    public JsonElement Response => Payload.GetProperty("response");

    /// <inheritdoc/>
    public override string ToString() =>
        $"[{JoinRef ?? "null"}, {Ref ?? "null"}, {Topic}, {Event}, {Payload.GetRawText()}]";
}
