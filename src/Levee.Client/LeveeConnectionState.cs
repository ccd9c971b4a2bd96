namespace Levee.Client;

/// <summary>How a <see cref="LeveeDocument"/> stands with the server.</summary>
public enum LeveeConnectionState
{
    /// <summary>The first connection is being made.</summary>
    Connecting,

    /// <summary>Connected: messages flow both ways.</summary>
    Connected,

    /// <summary>The connection broke and another one is being made. Submitted ops wait; nothing is lost or sent twice.</summary>
    Reconnecting,

    /// <summary>Over, by <see cref="LeveeDocument.DisposeAsync"/> or by an error that <see cref="LeveeDocument.Completion"/> carries.</summary>
    Closed,
}
