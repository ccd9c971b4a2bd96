using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Levee.Identity;

/// <summary>Refuses settings at start; every message names the key and the form, and quotes no secret.</summary>
internal sealed class IdentityOptionsValidator(IHostEnvironment environment) : IValidateOptions<IdentityOptions>
{
    private static readonly TimeSpan LargestSkew = TimeSpan.FromMinutes(5);

    public ValidateOptionsResult Validate(string? name, IdentityOptions options)
    {
        var problems = new List<string>();
        if (options.ClockSkew < TimeSpan.Zero || options.ClockSkew > LargestSkew)
        {
            problems.Add($"{IdentityOptions.Section}:ClockSkew must be from 00:00:00 to 00:05:00.");
        }

        if (options.MaximumTokenLength is < 1024 or > 65536)
        {
            problems.Add($"{IdentityOptions.Section}:MaximumTokenLength must be from 1024 to 65536 characters.");
        }

        if (options.MaximumRevocations is < 1 or > 1_000_000)
        {
            problems.Add($"{IdentityOptions.Section}:MaximumRevocations must be from 1 to 1000000.");
        }

        var ids = new HashSet<string>(StringComparer.Ordinal);
        for (var index = 0; index < options.Tenants.Count; index++)
        {
            var tenant = options.Tenants[index];
            problems.AddRange(ProblemsOf(tenant, new Keys(tenant, index)));
            if (!ids.Add(tenant.Id) && TenantId.IsValid(tenant.Id))
            {
                problems.Add($"{new Keys(tenant, index).Id}: the tenant '{tenant.Id}' is configured twice; name it once.");
            }
        }

        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private IEnumerable<string> ProblemsOf(TenantOptions tenant, Keys keys)
    {
        if (!TenantId.IsValid(tenant.Id))
        {
            yield return $"{keys.Id} must have {TenantId.Form}.";
        }

        if (tenant.Name is not null && !TenantName.IsValid(tenant.Name))
        {
            yield return $"{keys.Name} must have {TenantName.Form}; leave it out to use the id.";
        }

        if (TenantSecret.ProblemOf(tenant.Secret1, environment.IsDevelopment()) is { } first)
        {
            yield return $"{keys.Secret1} {first}.";
        }

        if (tenant.Secret2 is not null && TenantSecret.ProblemOf(tenant.Secret2, environment.IsDevelopment()) is { } second)
        {
            yield return $"{keys.Secret2} {second}. Leave it out to have one generated.";
        }
    }

    /// <summary>The names under which the operator gave a tenant's settings.</summary>
    private readonly struct Keys(TenantOptions tenant, int index)
    {
        private readonly string _prefix = $"{IdentityOptions.Section}:Tenants:{index}";

        public string Id => tenant.FromEnvironment ? IdentityEnvironment.TenantId : $"{_prefix}:Id";

        public string Name => $"{_prefix}:Name";

        public string Secret1 => tenant.FromEnvironment ? IdentityEnvironment.TenantKey : $"{_prefix}:Secret1";

        public string Secret2 => $"{_prefix}:Secret2";
    }
}
