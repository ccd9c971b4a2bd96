using System.Text;
using Levee.Fuzz.Generation;
using Levee.Fuzz.Wire;

namespace Levee.Fuzz.Dialects;

/// <summary>Phoenix frames as trees, and trees as bytes.</summary>
internal static class PhoenixWire
{
    internal static string? Version(PhoenixForm form) => form switch
    {
        PhoenixForm.Array => "2.0.0",
        PhoenixForm.MessagePack => "3.0.0",
        _ => null,
    };

    internal static byte Opcode(PhoenixForm form) => form == PhoenixForm.MessagePack ? RawWebSocket.Binary : RawWebSocket.Text;

    internal static Tree Frame(PhoenixForm form, string? joinRef, string? reference, string topic, string eventName, string payload)
    {
        var (join, own) = (Quote(joinRef), Quote(reference));
        return Tree.Parse(form == PhoenixForm.Object
            ? $$"""{"topic":"{{topic}}","event":"{{eventName}}","payload":{{payload}},"ref":{{own}},"join_ref":{{join}}}"""
            : $$"""[{{join}},{{own}},"{{topic}}","{{eventName}}",{{payload}}]""");
    }

    /// <summary>The bytes.</summary>
    /// <param name="form">The serialization.</param>
    /// <param name="frame">The frame.</param>
    /// <param name="random">Chooses odd MessagePack; null for the plain one.</param>
    internal static byte[] Encode(PhoenixForm form, Tree frame, Random? random) => form == PhoenixForm.MessagePack
        ? MessagePackTree.Write(frame, random)
        : Encoding.UTF8.GetBytes(frame.Write());

    private static string Quote(string? text) => text is null ? "null" : $"\"{text}\"";
}
