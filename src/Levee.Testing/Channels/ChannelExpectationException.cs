namespace Levee.Testing;

/// <summary>A <see cref="ChannelClient"/> did not see what a test expected, or saw what it refuted; the message shows the last frames.</summary>
/// <param name="message">What was expected, and what came.</param>
public sealed class ChannelExpectationException(string message) : Exception(message);
