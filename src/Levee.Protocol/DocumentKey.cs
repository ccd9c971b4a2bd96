namespace Levee.Protocol;

/// <summary>Names one document: everything that is stored or sent carries both parts.</summary>
/// <param name="TenantId">The tenant that owns the document.</param>
/// <param name="DocumentId">The document's id, unique within its tenant.</param>
public readonly record struct DocumentKey(string TenantId, string DocumentId)
{
    /// <summary>The form used in logs and Phoenix topics: <c>tenant:document</c>.</summary>
    public override string ToString() => $"{TenantId}:{DocumentId}";
}
