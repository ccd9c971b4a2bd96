namespace Levee.Faults.Clients;

/// <summary>How a client talks to the server.</summary>
internal enum SocketKind
{
    /// <summary>Phoenix channels.</summary>
    Phoenix,

    /// <summary>Socket.IO, as Microsoft's drivers speak it.</summary>
    SocketIo,
}
