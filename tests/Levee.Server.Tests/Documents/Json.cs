using System.Text.Json;

namespace Levee.Server.Tests.Documents;

/// <summary>Short words for looking into JSON.</summary>
internal static class Json
{
    public static JsonElement Of(string text) => JsonSerializer.Deserialize<JsonElement>(text);

    public static JsonElement Of(object value) => JsonSerializer.SerializeToElement(value);

    public static long Number(this JsonElement json, string name) => json.GetProperty(name).GetInt64();

    public static string? Text(this JsonElement json, string name) => json.GetProperty(name).GetString();

    public static long SequenceNumber(this JsonElement message) => message.Number("sequenceNumber");

    public static long MinimumSequenceNumber(this JsonElement message) => message.Number("minimumSequenceNumber");

    public static string? Type(this JsonElement message) => message.Text("type");

    public static IEnumerable<long> SequenceNumbers(this IEnumerable<JsonElement> messages) => messages.Select(SequenceNumber);

    public static IEnumerable<string> MemberNames(this JsonElement json) => json.EnumerateObject().Select(member => member.Name);

    public static bool IsLeaveOf(this JsonElement message, string clientId) =>
        message.Type() == "leave" && message.Text("data") == $"\"{clientId}\"";

    public static bool IsJoinOf(this JsonElement message, string clientId) =>
        message.Type() == "join" && Of(message.Text("data")!).Text("clientId") == clientId;

    /// <summary>Equal as JSON, whatever the order of members.</summary>
    public static void AssertEqual(JsonElement expected, JsonElement actual) =>
        Assert.True(JsonElement.DeepEquals(expected, actual), $"Expected {expected.GetRawText()}, but it was {actual.GetRawText()}");
}
