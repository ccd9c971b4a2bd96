namespace Levee.Faults;

/// <summary>A promise of the server does not hold; the message says which, where, and what was there instead.</summary>
internal sealed class ViolationException(string message) : Exception(message);
