using System.Reflection;
using Levee.Testing;
using Xunit.Sdk;
using Xunit.v3;

namespace Levee.Server.Tests.Documents;

/// <summary>Runs a theory once in each format of frames.</summary>
internal sealed class InEachFormatAttribute : DataAttribute
{
    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker) =>
        new([.. Enum.GetValues<ChannelFormat>().Select(format => new TheoryDataRow<ChannelFormat>(format))]);

    public override bool SupportsDiscoveryEnumeration() => true;
}
