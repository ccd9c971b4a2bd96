using System.Text.Json;

namespace Levee.Faults.Record;

/// <summary>What the ops of writers hold, as a JSON text, which is how today's clients send contents: who wrote it, and where it belongs.</summary>
/// <param name="By">The writer, over all its connections.</param>
/// <param name="Number">The writer's ops are numbered 1, 2, 3 and so on.</param>
/// <param name="At">Its place in its batch, from 0.</param>
/// <param name="Of">How many ops the batch has.</param>
/// <param name="Text">Anything.</param>
internal sealed record OpContents(string By, long Number, int At, int Of, string Text)
{
    public string Write() => JsonSerializer.Serialize(this);

    /// <summary>Reads an op's contents.</summary>
    /// <exception cref="ViolationException">No writer wrote this.</exception>
    public static OpContents Read(JsonElement message)
    {
        try
        {
            return JsonSerializer.Deserialize<OpContents>(message.GetProperty("contents").GetString()!)!;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new ViolationException($"Nobody wrote the contents of {message.GetRawText()}");
        }
    }
}
