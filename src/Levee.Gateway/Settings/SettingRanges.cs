using Microsoft.Extensions.Options;

namespace Levee.Gateway.Settings;

/// <summary>Collects which settings of a section are out of their range.</summary>
internal sealed class SettingRanges(string section)
{
    private readonly List<string> _failures = [];

    internal ValidateOptionsResult Result =>
        _failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(_failures);

    internal void Check<T>(string key, T value, T least, T most)
        where T : IComparable<T>
    {
        if (value.CompareTo(least) < 0 || value.CompareTo(most) > 0)
        {
            _failures.Add($"{section}:{key} is {value}; set it to a value from {least} to {most}.");
        }
    }
}
