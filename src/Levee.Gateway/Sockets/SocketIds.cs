namespace Levee.Gateway.Sockets;

/// <summary>Numbers for sockets, for logs; not secret and not to be guessed from.</summary>
internal static class SocketIds
{
    private static long s_last;

    internal static long Next() => Interlocked.Increment(ref s_last);
}
