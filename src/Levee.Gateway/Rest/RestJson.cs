using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Levee.Gateway.Rest.Admin;
using Levee.Protocol.Git;

namespace Levee.Gateway.Rest;

/// <summary>How the small shapes of this dialect are read and written.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowDuplicateProperties = true,
    NumberHandling = JsonNumberHandling.Strict)]
[JsonSerializable(typeof(ErrorShape))]
[JsonSerializable(typeof(ApiErrorShape))]
[JsonSerializable(typeof(HealthShape))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(DocumentShape))]
[JsonSerializable(typeof(CreatedDocumentShape))]
[JsonSerializable(typeof(SessionShape))]
[JsonSerializable(typeof(ObjectShape))]
[JsonSerializable(typeof(TreeShape))]
[JsonSerializable(typeof(TreeEntryRequest[]))]
[JsonSerializable(typeof(CommitShape))]
[JsonSerializable(typeof(VersionShape[]))]
[JsonSerializable(typeof(AuthorShape))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(StoredSummaryShape))]
[JsonSerializable(typeof(RefShape))]
[JsonSerializable(typeof(RefShape[]))]
[JsonSerializable(typeof(RevocationAnswer))]
[JsonSerializable(typeof(RevocationsAnswer))]
[JsonSerializable(typeof(MessageShape))]
internal sealed partial class RestJson : JsonSerializerContext;

/// <summary>Every error; only the first member for Levee's clients.</summary>
internal sealed record ErrorShape(string Error, string? Message = null, int? RetryAfter = null, string? InternalErrorCode = null);

/// <summary>Every error under <c>/api</c>.</summary>
internal sealed record ApiErrorShape(ApiErrorDetail Error);

/// <summary>What is wrong, for programs and for people.</summary>
internal sealed record ApiErrorDetail(string Code, string Message);

/// <summary>The answer to what has nothing else to say.</summary>
internal sealed record MessageShape(string Message);

/// <summary>The answer of <c>/health</c> and what is below it; the reasons, by the part of the server that has one, only when there are some.</summary>
internal sealed record HealthShape(string Status, IReadOnlyDictionary<string, string>? Reasons = null);

/// <summary>A document.</summary>
internal sealed record DocumentShape(string Id, string TenantId, long SequenceNumber);

/// <summary>A new document, for a client that asked for more than its id.</summary>
internal sealed record CreatedDocumentShape(string Id, string? Token, SessionShape? Session);

/// <summary>Where a document's session is found.</summary>
internal sealed record SessionShape(
    string OrdererUrl, string HistorianUrl, string DeltaStreamUrl, bool IsSessionAlive, bool IsSessionActive);

/// <summary>An object by id.</summary>
internal sealed record ObjectShape(string Sha, string Url);

/// <summary>A tree, of one level or of all.</summary>
internal sealed record TreeShape(string Sha, string Url, IReadOnlyList<TreeEntryShape> Tree);

/// <summary>An entry of a tree.</summary>
internal sealed record TreeEntryShape(string Path, string Mode, string Type, string Sha, string Url);

/// <summary>An entry of a tree to be made.</summary>
internal sealed record TreeEntryRequest(string? Path, string? Mode, string? Sha, string? Type);

/// <summary>A commit.</summary>
internal sealed record CommitShape(
    string Sha, string Url, string Message, AuthorShape Author, AuthorShape Committer, ObjectShape Tree, IReadOnlyList<ObjectShape> Parents);

/// <summary>A commit in a list of versions.</summary>
internal sealed record VersionShape(string Sha, string Url, VersionCommitShape Commit, IReadOnlyList<ObjectShape> Parents);

/// <summary>What a version's commit says.</summary>
internal sealed record VersionCommitShape(string Url, AuthorShape Author, AuthorShape Committer, string Message, ObjectShape Tree);

/// <summary>Who made a commit, both in answers and in requests, where everything may be missing.</summary>
internal sealed record AuthorShape(string? Name, string? Email, string? Date)
{
    /// <summary>An author of a stored commit.</summary>
    public static AuthorShape Of(GitSignature author) => new(
        author.Name,
        author.Email,
        author.Time.ToString(author.Time.Offset == TimeSpan.Zero ? "yyyy-MM-dd'T'HH:mm:ss'Z'" : "yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture));
}

/// <summary>The handle of a whole summary that was stored.</summary>
internal sealed record StoredSummaryShape(string Id);

/// <summary>A ref.</summary>
internal sealed record RefShape(string Ref, string Url, RefTargetShape Object);

/// <summary>What a ref points to.</summary>
internal sealed record RefTargetShape(string Sha, string Type, string Url);
