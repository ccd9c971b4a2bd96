using Levee.Protocol;
using Levee.Protocol.Git;

namespace Levee.Sessions;

/// <summary>
/// Finds out whether a summary can be listed whole, which every client does that loads it: by the limits of <see cref="TreeService"/>. Each tree
/// is read once, however often it is named, so a summary that few trees multiply to billions of entries costs no more than those trees. Used once.
/// </summary>
internal sealed class SummarySize(ObjectReader objects, string tenantId)
{
    private readonly Dictionary<ObjectId, Size> _known = [];

    /// <summary>What is below a tree: entries, levels that have entries, and the characters of the entries' paths from that tree on.</summary>
    private readonly record struct Size(long Entries, int Levels, long Characters);

    /// <summary>The refusal of a summary that could not be listed.</summary>
    public static MalformedMessageException TooLarge() =>
        new($"A summary must not have more than {ObjectLimits.MaxListedEntries} entries, {ObjectLimits.MaxListedCharacters} characters of paths, or {ObjectLimits.MaxTreeDepth} levels");

    /// <summary>Checks what an app has at its root, and all below it.</summary>
    /// <exception cref="MalformedMessageException">There is more than one listing may have.</exception>
    public async Task RequireListableAsync(IEnumerable<GitTreeEntry> app, CancellationToken cancellationToken) =>
        await MeasureAsync(app, 1, cancellationToken);

    /// <summary>Measures entries that are so many levels below the root; ends as soon as they are too many or too deep.</summary>
    private async Task<Size> MeasureAsync(IEnumerable<GitTreeEntry> entries, int depth, CancellationToken cancellationToken)
    {
        var (count, levels, characters) = (0L, 0, 0L);
        foreach (var entry in entries)
        {
            if (depth > ObjectLimits.MaxTreeDepth || _known.Count > ObjectLimits.MaxAppEntries)
            {
                throw TooLarge();
            }

            var below = entry.Mode == GitFileMode.Directory ? await MeasureTreeAsync(entry.Id, depth + 1, cancellationToken) : default;
            count += 1 + below.Entries;
            levels = Math.Max(levels, 1 + below.Levels);
            // The paths below repeat the name and a slash. From the root on they are only longer: what is too much here is so there.
            characters += entry.Name.Length + (below.Entries * (entry.Name.Length + 1)) + below.Characters;
            // A tree that is known already may be deeper here than where it was measured.
            if (count > ObjectLimits.MaxAppEntries || characters > ObjectLimits.MaxAppCharacters || depth - 1 + levels > ObjectLimits.MaxTreeDepth)
            {
                throw TooLarge();
            }
        }

        return new Size(count, levels, characters);
    }

    private async ValueTask<Size> MeasureTreeAsync(ObjectId tree, int depth, CancellationToken cancellationToken)
    {
        if (!_known.TryGetValue(tree, out var size))
        {
            size = await MeasureAsync(await objects.ReadEntriesAsync(tenantId, tree, cancellationToken), depth, cancellationToken);
            _known.Add(tree, size);
        }

        return size;
    }
}
