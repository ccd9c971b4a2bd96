using CsCheck;
using Levee.Protocol.Git;

namespace Levee.Protocol.Tests.Git;

/// <summary>Random git values.</summary>
internal static class GitGen
{
    private static readonly Gen<char> Letters = Gen.OneOf(Gen.Char['a', 'e'], Of('.', '-', '%', ' ', '0', 'ä', 'Z', '!', '~', '\uFF5E'));

    public static readonly Gen<ObjectId> Id =
        Gen.Byte.Array[ObjectId.Length].Select(bytes => new ObjectId(bytes)).Where(id => id != default);

    public static readonly Gen<GitFileMode> Mode = Gen.Enum<GitFileMode>();

    // Few letters, so that names are prefixes of each other: there the order of files and folders differs.
    public static readonly Gen<string> Name = Gen.OneOf(Letters.Array[1, 5], Letters.Array[1, 2], Letters.Array[20, 40])
        .Select(letters => new string(letters))
        .Where(name => name is not ("." or ".."));

    public static readonly Gen<GitTreeEntry[]> Entries = Gen.Select(Mode, Name, Id, (mode, name, id) => new GitTreeEntry(mode, name, id))
        .Array[0, 20]
        .Select(entries => entries.DistinctBy(entry => entry.Name).ToArray());

    // Any text at all, among it what git must clean.
    public static readonly Gen<string> Text = Gen.OneOf(
        Gen.String,
        Of("Ann Onym", "", " ", "<>", "a\nb", "\0", "José <x> y", "...", "'\"", "a.b@c", "\uD800", "tree 0", "x> 1 +0000"),
        Gen.Char.Array[0, 30].Select(letters => new string(letters)));

    public static readonly Gen<DateTimeOffset> Time = Gen.Select(
        Gen.Long[-100_000, 253_402_300_799], Gen.Int[-14 * 60, 14 * 60], (seconds, minutes) =>
        {
            var time = DateTimeOffset.FromUnixTimeSeconds(seconds);
            return time.Year is > 1 and < 9999 ? time.ToOffset(TimeSpan.FromMinutes(minutes)) : time;
        });

    public static readonly Gen<GitSignature> Signature =
        Gen.Select(Text, Text, Time, (name, email, time) => new GitSignature(name, email, time));

    public static readonly Gen<GitCommit> Commit = Gen.Select(Id, Id.Array[0, 3], Signature, Signature, Text,
        (tree, parents, author, committer, message) => new GitCommit(tree, parents, author, committer, message));

    /// <summary>One of these values.</summary>
    public static Gen<T> Of<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);
}
