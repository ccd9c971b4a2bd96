using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace Levee.Gateway.Rest;

/// <summary>
/// Turns RestLess requests into what they stand for, before routing: a <c>POST</c> whose form holds the real method, headers and body, which
/// a browser sends to another origin without asking first. The body is decoded as it is read: nothing of it is taken before the route has
/// accepted the token, and the route's own limit holds.
/// </summary>
internal sealed class RestLessMiddleware(RequestDelegate next, IOptions<RestOptions> options)
{
    private const string FormType = "application/x-www-form-urlencoded";
    private const string Marker = "restless";
    private const string Json = "application/json";

    // An escaped byte takes three. What a route reads of this is bounded by its own limit.
    private readonly long _largestForm = RestLessForm.MaxHeadBytes + (3L * options.Value.LargestBodyBytes);

    public async Task InvokeAsync(HttpContext http)
    {
        if (!IsRestLess(http.Request))
        {
            await next(http);
            return;
        }

        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } maximum)
        {
            maximum.MaxRequestBodySize = _largestForm;
        }

        RestLessForm form;
        try
        {
            form = await RestLessForm.ReadAsync(http.Request.BodyReader, http.RequestAborted);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            RestErrors.EndConnection(http);
            return;
        }
        catch (BadHttpRequestException e)
        {
            // The headers that would say which dialect it is are in the form.
            await RestErrors.Unreadable(e, RestDialect.Routerlicious).ExecuteAsync(http);
            return;
        }

        await using var body = form.HasBody ? new RestLessBody(http.Request.BodyReader) : Stream.Null;
        Apply(form, body, http.Request);
        await next(http);
    }

    private static bool IsRestLess(HttpRequest request)
    {
        if (!HttpMethods.IsPost(request.Method) || request.ContentType is not { } type)
        {
            return false;
        }

        var (isForm, isMarked) = (false, false);
        foreach (var range in type.AsSpan().Split(';'))
        {
            var part = type.AsSpan()[range].Trim();
            isForm |= part.Equals(FormType, StringComparison.OrdinalIgnoreCase);
            isMarked |= part.Equals(Marker, StringComparison.OrdinalIgnoreCase);
        }

        return isForm && isMarked;
    }

    private static void Apply(RestLessForm form, Stream body, HttpRequest request)
    {
        request.Method = form.Method;
        request.ContentType = Json;
        request.ContentLength = null;
        foreach (var (name, value) in form.Headers)
        {
            request.Headers[name] = value;
        }

        request.Body = body;
    }
}
