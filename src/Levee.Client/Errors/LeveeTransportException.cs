namespace Levee.Client;

/// <summary>The server could not be reached, went away, did not answer in time, or spoke what is not Levee's protocol.</summary>
/// <param name="message">What was attempted.</param>
/// <param name="inner">What the platform says.</param>
public sealed class LeveeTransportException(string message, Exception? inner = null) : LeveeException(message, inner);
