using System.Globalization;
using Levee.Identity;
using Levee.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Levee.Gateway.Rest.Admin;

/// <summary>Operators take tokens back, see what they took back, and change their minds.</summary>
internal static class RevocationsEndpoints
{
    private const int MaxBodyBytes = 64 * 1024;
    private const long LatestSecond = 253402300799; // the last second of the year 9999

    private static readonly string[] TimeFormats = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    /// <summary>Maps the routes.</summary>
    /// <param name="admin">The group of operators' routes.</param>
    public static void Map(IEndpointRouteBuilder admin)
    {
        admin.MapPost("/revocations", RevokeAsync);
        admin.MapRead("/revocations", List);
        admin.MapDelete("/revocations/{id}", DeleteAsync);
    }

    private static async Task<IResult> RevokeAsync(HttpContext http, RevocationList revocations)
    {
        using var body = await RequestBody.ReadAsync(http, MaxBodyBytes);
        // A misspelt userId would be no userId, and take back the tokens of everybody.
        body.RequireOnly("tenantId", "jti", "userId", "expiresAt", "reason");
        var request = new RevocationRequest(
            body.RequireText("tenantId"), body.Text("jti"), body.Text("userId"), Time(body, "expiresAt"), body.Text("reason"));
        return await revocations.RevokeAsync(request, http.RequestAborted) switch
        {
            TokensRevoked revoked => TypedResults.Json(
                new RevocationAnswer(RevocationShape.Of(revoked.Revocation)),
                RestJson.Default.RevocationAnswer,
                statusCode: revoked.IsNew ? StatusCodes.Status201Created : StatusCodes.Status200OK),
            RevocationRefused refused => Refuse(refused),
            var other => throw new InvalidOperationException($"Unknown outcome {other.GetType().Name}."),
        };
    }

    private static IResult List(HttpContext http, RevocationList revocations) => http.Request.Query["tenantId"] is [{ Length: > 0 } tenantId]
        ? TypedResults.Json(
            new RevocationsAnswer([.. revocations.Of(tenantId).Select(RevocationShape.Of)]), RestJson.Default.RevocationsAnswer)
        : throw new MalformedMessageException("Name one tenant in the query: ?tenantId=");

    private static async Task<IResult> DeleteAsync(string id, RevocationList revocations, CancellationToken cancellationToken) =>
        await revocations.DeleteAsync(id, cancellationToken)
            ? TypedResults.Json(new MessageShape("Revocation deleted"), RestJson.Default.MessageShape)
            : new ErrorResult(StatusCodes.Status404NotFound, "There is no such revocation") { Code = "not_found" };

    private static ErrorResult Refuse(RevocationRefused refused) => refused.Refusal switch
    {
        RevocationRefusal.UnknownTenant => new(StatusCodes.Status404NotFound, refused.Message) { Code = "unknown_tenant" },
        RevocationRefusal.TooMany => new(StatusCodes.Status409Conflict, refused.Message) { Code = "too_many_revocations" },
        RevocationRefusal.AlreadyExpired => new(StatusCodes.Status422UnprocessableEntity, refused.Message) { Code = "already_expired" },
        RevocationRefusal.InvalidSubject => new(StatusCodes.Status422UnprocessableEntity, refused.Message) { Code = "invalid_subject" },
        _ => throw new InvalidOperationException($"Unknown refusal {refused.Refusal}."),
    };

    /// <summary>A time as tokens have it, in seconds since 1970, or as ISO 8601 has it.</summary>
    private static DateTimeOffset? Time(RequestBody body, string name)
    {
        if (body.Member(name) is not { } json)
        {
            return null;
        }

        if (JsonReading.TryGetNumber(json, out var seconds) && seconds is >= 0 and <= LatestSecond)
        {
            return DateTimeOffset.FromUnixTimeSeconds(seconds);
        }

        return DateTimeOffset.TryParseExact(
            JsonReading.TextOf(json), TimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
                ? time
                : throw new MalformedMessageException($"{name} must be seconds since 1970, or a time such as 2026-03-01T12:00:00Z");
    }
}
