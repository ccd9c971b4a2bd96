using System.Diagnostics.CodeAnalysis;
using Levee.Protocol;

namespace Levee.Gateway.Phoenix.Documents;

/// <summary>The topic <c>document:{tenantId}:{documentId}</c>.</summary>
internal static class DocumentTopic
{
    public const string Prefix = "document:";

    private const int MaxIdLength = 256;

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
        if (tenantId.Length is 0 or > MaxIdLength || documentId.Length is 0 or > MaxIdLength)
        {
            return false;
        }

        document = new DocumentKey(tenantId, documentId);
        return true;
    }
}
