using System.Text.Json;

namespace Levee.Fuzz.Dialects;

/// <summary>What a nack may say: fluid-ordering's list of types and codes.</summary>
internal static class NackCheck
{
    /// <summary>What is wrong with a list of nacks; null when nothing is.</summary>
    internal static string? Wrong(JsonElement nacks)
    {
        foreach (var nack in nacks.EnumerateArray())
        {
            var content = nack.GetProperty("content");
            var isNamed = (content.GetProperty("code").GetInt32(), content.GetProperty("type").GetString()) is
                (400 or 413, "BadRequestError") or (403, "InvalidScopeError") or (429, "ThrottlingError" or "LimitExceededError");
            if (!isNamed || content.GetProperty("message").GetString() is not { Length: > 0 })
            {
                return "a nack that nobody expects";
            }
        }

        return nacks.GetArrayLength() > 0 ? null : "a nack of nothing";
    }
}
