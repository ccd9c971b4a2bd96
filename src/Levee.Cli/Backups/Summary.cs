using System.Globalization;
using Levee.Storage;

namespace Levee.Cli.Backups;

/// <summary>What was copied, in words.</summary>
internal static class Summary
{
    public static string Of(BackupResult result) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Count(result.Documents, "document")}, {Count(result.Tenants, "tenant")} and {Count(result.Keys, "key")} ({Size(result.DatabaseBytes)})");

    public static string Size(long bytes) => bytes < 1 << 20
        ? string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(bytes / 1024.0):F0} KiB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1 << 20):F1} MiB");

    private static string Count(long count, string what) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {what}{(count == 1 ? "" : "s")}");
}
