using System.Text;
using MessagePack;

namespace Levee.Gateway.Tests.Phoenix;

/// <summary>Frames that are broken in one way or another, some not at all; the same for the same seed.</summary>
public static class RandomFrames
{
    private static readonly string[] Seeds =
    [
        """["1","1","echo:a","phx_join",{}]""",
        """["1","2","echo:a","echo",{"a":[1,2.5,"x",null,true,{"b":"\u00e9"}]}]""",
        """["1",null,"echo:a","boom",{"x":"😀"}]""",
        """[null,"3","phoenix","heartbeat",{}]""",
        """["1","4","echo:a","phx_leave",{}]""",
        """["1","5","nowhere","phx_join",{}]""",
    ];

    private static readonly string[] LegacySeeds =
    [
        """{"topic":"echo:a","event":"phx_join","payload":{},"ref":"1","join_ref":"1"}""",
        """{"topic":"echo:a","event":"echo","payload":{"a":[1,"\n"]},"ref":"2"}""",
        """{"ref":null,"payload":7,"event":"boom","topic":"echo:a"}""",
    ];

    public static byte[] Next(Random random, string? vsn)
    {
        if (random.Next(5) == 0)
        {
            var noise = new byte[random.Next(200)];
            random.NextBytes(noise);
            return noise;
        }

        var seeds = vsn is null ? LegacySeeds : Seeds;
        var seed = seeds[random.Next(seeds.Length)];
        var bytes = vsn == "3.0.0"
            ? MessagePackSerializer.ConvertFromJson(seed, cancellationToken: CancellationToken.None)
            : Encoding.UTF8.GetBytes(seed);
        return Mutate(random, bytes);
    }

    public static byte[] Mutate(Random random, byte[] bytes)
    {
        var list = bytes.ToList();
        for (var change = random.Next(4); change > 0 && list.Count > 0; change--)
        {
            var at = random.Next(list.Count);
            switch (random.Next(4))
            {
                case 0: list[at] = (byte)random.Next(256); break;
                case 1: list.RemoveAt(at); break;
                case 2: list.Insert(at, (byte)random.Next(256)); break;
                default: list.RemoveRange(at, list.Count - at); break;
            }
        }

        return [.. list];
    }
}
