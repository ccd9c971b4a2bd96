namespace Levee.Client;

/// <summary>
/// What can go wrong beyond the caller's reach: the server said no (<see cref="LeveeRefusedException"/>) or could not be talked to
/// (<see cref="LeveeTransportException"/>). A caller's own mistake is an <see cref="ArgumentException"/>, an
/// <see cref="InvalidOperationException"/> or an <see cref="ObjectDisposedException"/>.
/// </summary>
public abstract class LeveeException : Exception
{
    private protected LeveeException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
