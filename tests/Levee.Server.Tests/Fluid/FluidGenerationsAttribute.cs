using System.Reflection;
using Xunit.Sdk;
using Xunit.v3;

namespace Levee.Server.Tests.Fluid;

/// <summary>A theory for each generation of Microsoft's clients: AzureClient 2.x, the loader of 3.x, and that of 2.0.0-internal.3.2.0.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class FluidGenerationsAttribute : DataAttribute
{
    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker) =>
        ValueTask.FromResult<IReadOnlyCollection<ITheoryDataRow>>(
            [new TheoryDataRow<string>("v2"), new TheoryDataRow<string>("v3"), new TheoryDataRow<string>("v2-internal")]);

    public override bool SupportsDiscoveryEnumeration() => true;
}
