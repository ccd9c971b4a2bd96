namespace Levee.Testing;

/// <summary>How a <see cref="ChannelClient"/> writes frames.</summary>
public enum ChannelFormat
{
    /// <summary><c>vsn=2.0.0</c>: JSON arrays in text frames.</summary>
    Json,

    /// <summary><c>vsn=3.0.0</c>: the same arrays as MessagePack in binary frames.</summary>
    MessagePack,

    /// <summary>No <c>vsn</c>: JSON objects in text frames.</summary>
    Legacy,
}
