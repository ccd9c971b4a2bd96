namespace Levee.Gateway.SocketIo;

/// <summary>Makes a handler for each client that connects.</summary>
/// <param name="Create">From the application's services and the client's socket.</param>
internal sealed record SocketIoHandlerFactory(Func<IServiceProvider, SocketIoSocket, SocketIoHandler> Create);
