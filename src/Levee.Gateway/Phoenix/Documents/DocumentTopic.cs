using System.Diagnostics.CodeAnalysis;
using Levee.Identity;
using Levee.Protocol;
using Levee.Sessions;

namespace Levee.Gateway.Phoenix.Documents;

/// <summary>The topic <c>document:{tenantId}:{documentId}</c>.</summary>
internal static class DocumentTopic
{
    public const string Prefix = "document:";

    /// <summary>Splits at the first two colons: a document id may hold more.</summary>
    public static bool TryParse(string topic, [NotNullWhen(true)] out DocumentKey? document)
    {
        document = null;
        if (!topic.StartsWith(Prefix, StringComparison.Ordinal)
            || topic.IndexOf(':', Prefix.Length) is not (> 0 and var colon))
        {
            return false;
        }

        var tenantId = topic[Prefix.Length..colon];
        var documentId = topic[(colon + 1)..];
        // Whatever else a client sends in a topic is no id of ours, and must not reach a log as one.
        if (!TenantId.IsValid(tenantId) || !DocumentId.IsValid(documentId))
        {
            return false;
        }

        document = new DocumentKey(tenantId, documentId);
        return true;
    }
}
