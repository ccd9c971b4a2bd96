using Levee.Protocol;
using Levee.Storage;

namespace Levee.Sessions;
internal sealed class SummaryWriter(IDocumentStore store, TimeProvider time)
{
    public Task<SummaryVerdict> CheckAsync(DocumentKey key, PendingSummary summary, string? head, AcknowledgedSummary? last) => throw new NotSupportedException($"{store} {time}");
}
