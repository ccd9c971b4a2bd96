using System.Globalization;

namespace Levee.Fuzz.Generation;

/// <summary>Makes a value wrong, or strange, in its grammar: types, members, order, numbers, names, nesting.</summary>
internal static class TreeMutation
{
    // In characters. More would only keep the generator busy: servers' bounds are lower, or have tests of their own.
    private const int MostRepeated = 200_000;

    /// <summary>Changes the tree in one to four places.</summary>
    internal static void Apply(Tree root, Random random)
    {
        // Mostly one: a message that is wrong in one place gets further than one that is wrong in many.
        var changes = random.Next(3) == 0 ? random.Next(2, 5) : 1;
        for (var i = 0; i < changes; i++)
        {
            Change(root, random);
        }
    }

    private static void Change(Tree root, Random random)
    {
        var all = root.All().ToList();
        var target = all[random.Next(all.Count)];
        switch (random.Next(9))
        {
            case < 3: target.Become(Tree.Scalar(OddValues.Any(random))); break;
            case 3: Tweak(target, random); break;
            case 4: Wrap(target, random); break;
            case 5: target.Become(all[random.Next(all.Count)]); break;
            default: ChangeChildren(all.Where(tree => tree.Children.Count > 0).ToList(), random); break;
        }
    }

    private static void ChangeChildren(List<Tree> containers, Random random)
    {
        if (containers.Count == 0)
        {
            return;
        }

        var children = containers[random.Next(containers.Count)].Children;
        var at = random.Next(children.Count);
        switch (random.Next(7))
        {
            case 0: children.RemoveAt(at); break;
            case 1: children.Insert(random.Next(children.Count + 1), (children[at].Name, children[at].Value.Copy())); break;
            case 2: children.Insert(at, (OddValues.Name(random), Tree.Scalar(OddValues.Any(random)))); break;
            case 3: children[at] = (OddValues.Name(random), children[at].Value); break;
            case 4: children[at] = (Escaped(children[at].Name, random), children[at].Value); break;
            case 5: Shuffle(children, random); break;
            default: Repeat(children, at, random); break;
        }
    }

    private static void Repeat(List<(string Name, Tree Value)> children, int at, Random random)
    {
        var times = random.Next(20) == 0 ? 4200 : random.Next(2, 12);
        var length = children[at].Name.Length + children[at].Value.All().Sum(tree => tree.Raw.Length + 4);
        var (name, value) = children[at];
        // Copies, or a later change in the one would be one in all of them, and the tree could square its size at a stroke.
        children.InsertRange(at, Enumerable.Range(0, Math.Min(times, MostRepeated / length)).Select(_ => (name, value.Copy())));
    }

    private static void Shuffle(List<(string Name, Tree Value)> children, Random random)
    {
        for (var i = children.Count - 1; i > 0; i--)
        {
            var j = random.Next(i + 1);
            (children[i], children[j]) = (children[j], children[i]);
        }
    }

    // The same name for a reader of JSON, but other bytes.
    private static string Escaped(string name, Random random)
    {
        if (name.Length < 3 || name[0] != '"' || name.Contains('\\', StringComparison.Ordinal))
        {
            return name;
        }

        var at = random.Next(1, name.Length - 1);
        return $"{name[..at]}\\u{(int)name[at]:x4}{name[(at + 1)..]}";
    }

    private static void Tweak(Tree target, Random random)
    {
        if (target.Kind != TreeKind.Scalar)
        {
            target.Become(Tree.Scalar(random.Next(2) == 0 ? "null" : $"\"{target.Kind}\""));
        }
        else if (long.TryParse(target.Raw, CultureInfo.InvariantCulture, out var number))
        {
            target.Become(Tree.Scalar(random.Next(5) switch
            {
                0 => unchecked(number + 1).ToString(CultureInfo.InvariantCulture),
                1 => unchecked(number - 1).ToString(CultureInfo.InvariantCulture),
                2 => $"\"{number}\"",
                3 => $"{number}.0",
                _ => OddValues.Number(random),
            }));
        }
        else
        {
            target.Become(Tree.Scalar(random.Next(3) switch
            {
                0 => Escaped(target.Raw, random),
                1 => target.Raw.Length > 2 ? $"{target.Raw[..^1]}x\"" : OddValues.Text(random),
                _ => OddValues.Text(random),
            }));
        }
    }

    private static void Wrap(Tree target, Random random)
    {
        var copy = target.Copy();
        switch (random.Next(4))
        {
            case 0: target.Become(Tree.Container(TreeKind.List, ("", copy))); break;
            case 1: target.Become(Tree.Container(TreeKind.Object, (OddValues.Name(random), copy))); break;
            case 2: target.Become(Tree.Container(TreeKind.List, ("", copy), ("", copy))); break;
            default: Unwrap(target, random); break;
        }
    }

    private static void Unwrap(Tree target, Random random)
    {
        if (target.Children.Count > 0)
        {
            target.Become(target.Children[random.Next(target.Children.Count)].Value);
        }
    }
}
