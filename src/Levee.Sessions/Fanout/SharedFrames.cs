namespace Levee.Sessions;

/// <summary>
/// The wire frames of one broadcast, made once for each encoding and shared by all connections that speak it. Used by one thread at
/// a time: the session's loop, or the one reader of a catch-up page.
/// </summary>
public abstract class SharedFrames
{
    // One dialect or two are the rule: a list is smaller and faster than a dictionary.
    private readonly List<(object Encoding, object Frames)> _frames = new(2);

    /// <summary>The frames in an encoding, made by <paramref name="make"/> when they are asked for first.</summary>
    /// <typeparam name="TEncoding">The encoding; its instance is the key.</typeparam>
    /// <typeparam name="TFrames">What the dialect sends.</typeparam>
    /// <typeparam name="TBroadcast">The broadcast's own type.</typeparam>
    protected TFrames Frames<TBroadcast, TEncoding, TFrames>(
        TBroadcast broadcast, TEncoding encoding, Func<TBroadcast, TEncoding, TFrames> make)
        where TEncoding : class
        where TFrames : class
    {
        foreach (var (key, frames) in _frames)
        {
            if (ReferenceEquals(key, encoding) && frames is TFrames made)
            {
                return made;
            }
        }

        var fresh = make(broadcast, encoding);
        _frames.Add((encoding, fresh));
        return fresh;
    }
}
