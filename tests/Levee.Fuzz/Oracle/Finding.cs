namespace Levee.Fuzz.Oracle;

/// <summary>Something that must not be, and what to run to see it again.</summary>
/// <param name="What">What was seen.</param>
/// <param name="Dialect">Where.</param>
/// <param name="Conversation">In which conversation of the dialect; negative when it belongs to none.</param>
/// <param name="Inputs">The last inputs of that conversation before it, the newest last.</param>
internal sealed record Finding(string What, string Dialect, long Conversation, IReadOnlyList<byte[]> Inputs);
