namespace Levee.Gateway.Phoenix;

/// <summary>A channel's answer to a join.</summary>
/// <param name="Status">Whether the channel is open now.</param>
/// <param name="Response">The reply's <c>response</c> as JSON in UTF-8; empty stands for <c>{}</c>.</param>
public readonly record struct JoinResult(ReplyStatus Status, ReadOnlyMemory<byte> Response)
{
    /// <summary>The channel is open.</summary>
    public static JoinResult Ok(ReadOnlyMemory<byte> response = default) => new(ReplyStatus.Ok, response);

    /// <summary>The join is refused; the channel is forgotten, and not told again.</summary>
    public static JoinResult Error(ReadOnlyMemory<byte> response) => new(ReplyStatus.Error, response);
}
