namespace Levee.Identity;

/// <summary>The stored tenants cannot be used as they are; the message says what to do. The server must not start.</summary>
/// <param name="message">What is wrong and how to fix it.</param>
/// <param name="innerException">What the message comes from, if anything.</param>
public sealed class TenantLoadException(string message, Exception? innerException = null) : Exception(message, innerException);
