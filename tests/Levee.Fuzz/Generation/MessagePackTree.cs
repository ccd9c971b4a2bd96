using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using MessagePack;

namespace Levee.Fuzz.Generation;

/// <summary>Writes a tree as MessagePack; what has no such form becomes something of MessagePack's own that a reader must survive.</summary>
internal static class MessagePackTree
{
    /// <summary>The bytes.</summary>
    /// <param name="tree">What to write.</param>
    /// <param name="random">Chooses odd forms; null for the plain ones.</param>
    internal static byte[] Write(Tree tree, Random? random)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(buffer);
        Write(ref writer, tree, random);
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static void Write(ref MessagePackWriter writer, Tree tree, Random? random)
    {
        if (random is not null && random.Next(40) == 0)
        {
            WriteOdd(ref writer, random);
            return;
        }

        // A header that promises another number of children than there are.
        var count = tree.Children.Count + (random is not null && random.Next(60) == 0 ? random.Next(-1, 3) : 0);
        switch (tree.Kind)
        {
            case TreeKind.List: writer.WriteArrayHeader(Math.Max(0, count)); break;
            case TreeKind.Object: writer.WriteMapHeader(Math.Max(0, count)); break;
            default: WriteScalar(ref writer, tree.Raw); return;
        }

        foreach (var (name, value) in tree.Children)
        {
            if (tree.Kind == TreeKind.Object)
            {
                WriteName(ref writer, name, random);
            }

            Write(ref writer, value, random);
        }
    }

    private static void WriteName(ref MessagePackWriter writer, string name, Random? random)
    {
        if (random is not null && random.Next(40) == 0)
        {
            WriteOdd(ref writer, random);
        }
        else
        {
            WriteScalar(ref writer, name);
        }
    }

    private static void WriteScalar(ref MessagePackWriter writer, string raw)
    {
        switch (raw)
        {
            case "null" or "": writer.WriteNil(); return;
            case "true": writer.Write(true); return;
            case "false": writer.Write(false); return;
            case "NaN": writer.Write(double.NaN); return;
            case "Infinity": writer.Write(float.PositiveInfinity); return;
            default: break;
        }

        if (raw[0] == '"')
        {
            WriteText(ref writer, raw);
        }
        else if (long.TryParse(raw, CultureInfo.InvariantCulture, out var number))
        {
            writer.Write(number);
        }
        else if (double.TryParse(raw, CultureInfo.InvariantCulture, out var real))
        {
            writer.Write(real);
        }
        else
        {
            WriteJson(ref writer, raw);
        }
    }

    private static void WriteText(ref MessagePackWriter writer, string raw)
    {
        string text;
        try
        {
            text = JsonSerializer.Deserialize<string>(raw)!;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            text = raw;
        }

        writer.WriteString(Encoding.UTF8.GetBytes(text));
    }

    private static void WriteJson(ref MessagePackWriter writer, string raw)
    {
        if (raw.Length > 30_000 && raw[0] == '[')
        {
            for (var i = 0; i < 20_000; i++)
            {
                writer.WriteArrayHeader(1);
            }

            writer.WriteNil();
            return;
        }

        try
        {
            Write(ref writer, Tree.Parse(raw), null);
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            // No JSON: as bytes, which the server's clients never send.
            writer.Write(Encoding.UTF8.GetBytes(raw).AsSpan());
        }
    }

    private static void WriteOdd(ref MessagePackWriter writer, Random random)
    {
        switch (random.Next(11))
        {
            case 0: writer.WriteNil(); break;
            case 1: writer.Write(new byte[] { 1, 2, 0xff }.AsSpan()); break;
            case 2: writer.WriteExtensionFormat(new ExtensionResult((sbyte)random.Next(-128, 128), new byte[random.Next(20)])); break;
            case 3: writer.Write(DateTime.UnixEpoch.AddSeconds(random.Next())); break;
            case 4: writer.Write(ulong.MaxValue); break;
            case 5: writer.WriteInt64(random.Next(3)); break;
            case 6: writer.Write(float.NaN); break;
            case 7: writer.WriteString([0xff, 0xfe]); break;
            case 8: writer.WriteArrayHeader(random.Next(2) == 0 ? int.MaxValue : 3); break;
            case 9: writer.WriteMapHeader(random.Next(2) == 0 ? 1 << 28 : 2); break;
            default: writer.WriteRaw([0xc1]); break;
        }
    }
}
