namespace Levee.Gateway.Phoenix;

/// <summary>The <c>status</c> of a <c>phx_reply</c>; on the wire <c>"ok"</c> or <c>"error"</c>.</summary>
public enum ReplyStatus
{
    /// <summary>The push was done; runs the client's <c>receive("ok")</c>.</summary>
    Ok,

    /// <summary>The push was refused; runs the client's <c>receive("error")</c>.</summary>
    Error,
}
