namespace Levee.Protocol;

/// <summary>The <c>type</c> of a nack, as stock Fluid clients know it.</summary>
public static class NackErrorType
{
    /// <summary>The op can not be sequenced as it is; the client reconnects and resubmits.</summary>
    public const string BadRequest = "BadRequestError";

    /// <summary>The client lacks a scope; stock clients close the container.</summary>
    public const string InvalidScope = "InvalidScopeError";

    /// <summary>Too much at once; the client retries after the given time.</summary>
    public const string Throttling = "ThrottlingError";

    /// <summary>A limit of the document or the service is reached.</summary>
    public const string LimitExceeded = "LimitExceededError";
}
