using System.Text;
using System.Text.Json;
using CsCheck;
using Levee.Gateway.SocketIo;

namespace Levee.Gateway.Tests.SocketIo;

public sealed class SocketIoPacketsTests
{
    [Fact]
    public void An_event_has_its_name_and_its_arguments_as_they_are()
    {
        Assert.Equal("""42["op"]""", Text(SocketIoPackets.Event("op")));
        Assert.Equal("""42["op","d",[{ "a" : 1.0 }]]""", Text(SocketIoPackets.Event("op", "\"d\""u8.ToArray(), "[{ \"a\" : 1.0 }]"u8.ToArray())));
    }

    [Fact]
    public void Any_name_and_arguments_come_back() =>
        Gen.Select(Gen.String[Gen.Char[' ', '\ud7ff'], 0, 20], Gen.Int.Array[0, 5]).Sample((name, numbers) =>
        {
            var packet = SocketIoPackets.Event(name, [.. numbers.Select(n => (ReadOnlyMemory<byte>)JsonSerializer.SerializeToUtf8Bytes(n))]);
            Assert.Equal("42"u8, packet.Span[..2]);
            var elements = JsonSerializer.Deserialize<JsonElement[]>(packet.Span[2..])!;
            Assert.Equal(name, elements[0].GetString());
            Assert.Equal(numbers, elements[1..].Select(element => element.GetInt32()));
        });

    private static string Text(ReadOnlyMemory<byte> packet) => Encoding.UTF8.GetString(packet.Span);
}
