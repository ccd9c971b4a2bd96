using Microsoft.AspNetCore.Http;

namespace Levee.Gateway.Rest;

/// <summary>
/// What a browser must not do with an answer: take it for another type than it says, run or frame it, or tell other sites its address. None
/// of it binds a script that may call the service; a page that needs more than this says so itself.
/// </summary>
internal static class SecurityHeaders
{
    public static void Apply(HttpContext http)
    {
        var headers = http.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
        headers["Referrer-Policy"] = "no-referrer";
    }
}
