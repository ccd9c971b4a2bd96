namespace Levee.Server;

/// <summary>A setting is wrong; the message names it and says how to mend it.</summary>
public sealed class SettingException(string message) : Exception(message);
