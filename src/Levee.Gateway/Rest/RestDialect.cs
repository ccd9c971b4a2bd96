using Microsoft.AspNetCore.Http;

namespace Levee.Gateway.Rest;

/// <summary>Who asks, and so in which of two forms the same data is answered.</summary>
internal enum RestDialect
{
    /// <summary>Levee's own clients and whoever does not say: <c>Authorization: Bearer</c>.</summary>
    Levee,

    /// <summary>Microsoft's routerlicious driver: <c>Authorization: Basic</c>.</summary>
    Routerlicious,
}

/// <summary>Tells the dialect of a request.</summary>
internal static class RestDialects
{
    /// <summary>By the scheme alone, so that it is known for what is refused, too, at whatever step.</summary>
    public static RestDialect Dialect(this HttpRequest request) =>
        RequestCredentials.AreBasic(request) ? RestDialect.Routerlicious : RestDialect.Levee;
}
