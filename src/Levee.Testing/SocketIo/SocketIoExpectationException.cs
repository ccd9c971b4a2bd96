namespace Levee.Testing;

/// <summary>A <see cref="SocketIoClient"/> did not receive what a test expected; the message shows what it did receive.</summary>
public sealed class SocketIoExpectationException : Exception
{
    /// <summary>With what was expected and what came instead.</summary>
    public SocketIoExpectationException(string message)
        : base(message)
    {
    }
}
