namespace Levee.Client;

/// <summary>How frames are written. Both carry the same documents; clients of both meet on one.</summary>
public enum WireFormat
{
    /// <summary>JSON text frames, <c>vsn=2.0.0</c>: what is received is byte for byte what the server keeps.</summary>
    Json,

    /// <summary>MessagePack binary frames, <c>vsn=3.0.0</c>: smaller; received messages are turned into JSON again.</summary>
    MessagePack,
}
