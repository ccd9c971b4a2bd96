using System.Text;
using System.Text.Json;

namespace Levee.Fuzz.Generation;

/// <summary>
/// A JSON value that can be made wrong: a scalar is raw text, valid or not; names are raw text too, may repeat, and keep their order.
/// </summary>
internal sealed class Tree
{
    private Tree(TreeKind kind, string raw = "")
    {
        Kind = kind;
        Raw = raw;
    }

    /// <summary>What it is; changed by <see cref="Become"/>.</summary>
    internal TreeKind Kind { get; private set; }

    /// <summary>Of a scalar: its text as it is written.</summary>
    internal string Raw { get; private set; }

    /// <summary>Children of a list or an object; of a list, names mean nothing.</summary>
    internal List<(string Name, Tree Value)> Children { get; private set; } = [];

    internal static Tree Scalar(string raw) => new(TreeKind.Scalar, raw);

    /// <summary>Reads valid JSON.</summary>
    internal static Tree Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        return Of(document.RootElement);
    }

    /// <summary>Turns into a copy of another one, in place.</summary>
    internal void Become(Tree other)
    {
        var copy = other.Copy();
        (Kind, Raw, Children) = (copy.Kind, copy.Raw, copy.Children);
    }

    internal Tree Copy() => new(Kind, Raw) { Children = [.. Children.Select(child => (child.Name, child.Value.Copy()))] };

    /// <summary>A list or an object around copies of others.</summary>
    internal static Tree Container(TreeKind kind, params (string Name, Tree Value)[] children) => new(kind) { Children = [.. children] };

    /// <summary>Itself and all below it, parents first.</summary>
    internal IEnumerable<Tree> All() => Children.SelectMany(child => child.Value.All()).Prepend(this);

    internal string Write()
    {
        var text = new StringBuilder();
        Write(text);
        return text.ToString();
    }

    private static Tree Of(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Array => new Tree(TreeKind.List) { Children = [.. element.EnumerateArray().Select(item => ("", Of(item)))] },
        JsonValueKind.Object => new Tree(TreeKind.Object)
        {
            Children = [.. element.EnumerateObject().Select(member => (JsonSerializer.Serialize(member.Name), Of(member.Value)))],
        },
        _ => Scalar(element.GetRawText()),
    };

    private void Write(StringBuilder text)
    {
        if (Kind == TreeKind.Scalar)
        {
            text.Append(Raw);
            return;
        }

        text.Append(Kind == TreeKind.List ? '[' : '{');
        for (var i = 0; i < Children.Count; i++)
        {
            text.Append(i == 0 ? "" : ",");
            if (Kind == TreeKind.Object)
            {
                text.Append(Children[i].Name).Append(':');
            }

            Children[i].Value.Write(text);
        }

        text.Append(Kind == TreeKind.List ? ']' : '}');
    }
}
