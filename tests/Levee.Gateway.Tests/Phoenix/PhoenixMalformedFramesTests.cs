using System.Net.WebSockets;
using System.Text;

namespace Levee.Gateway.Tests.Phoenix;

public sealed class PhoenixMalformedFramesTests
{
    private const int MaxFrameBytes = 4096;

    private static readonly string TooDeep = new string('[', 64) + new string(']', 64);

    public static TheoryData<string?, string, int, string> TextFrames => new()
    {
        { "2.0.0", "{}", 1002, "a frame is an array of five: [join_ref, ref, topic, event, payload]" },
        { "2.0.0", """["1","1","t","e"]""", 1002, "a frame is an array of five: [join_ref, ref, topic, event, payload]" },
        { "2.0.0", """["1","1","t","e",{},1]""", 1002, "a frame is an array of five: [join_ref, ref, topic, event, payload]" },
        { "2.0.0", """[1,"1","t","e",{}]""", 1002, "join_ref is not a string" },
        { "2.0.0", """["1","1",null,"e",{}]""", 1002, "topic is not a string" },
        { "2.0.0", """["1","1","t",{},{}]""", 1002, "event is not a string" },
        { "2.0.0", """["1","1","\ud800","e",{}]""", 1007, "topic has half of a surrogate pair" },
        { "2.0.0", """["1","1","t","e",{]""", 1007, "the frame is not JSON" },
        { "2.0.0", """["1","1","t","e",{}] x""", 1007, "the frame is not JSON" },
        { "2.0.0", """["1","1","t","e",{}""", 1007, "the frame is not JSON" },
        { "2.0.0", "", 1007, "the frame is not JSON" },
        { "2.0.0", $"""["1","1","t","e",{TooDeep}]""", 1007, "nested deeper than 64 levels" },
        { "2.0.0", $"""["1","1","{new string('t', 1025)}","e",null]""", 1002, "topic is longer than 1024 characters" },
        { null, "[]", 1002, "a frame is an object {topic, event, payload, ref, join_ref}" },
        { null, """{"event":"e"}""", 1002, "the frame has no topic" },
        { null, """{"topic":"t"}""", 1002, "the frame has no event" },
        { null, """{"topic":1}""", 1002, "topic is not a string" },
        { null, """{"topic":"t","event":"e","ref":[]}""", 1002, "ref is not a string" },
        { null, """{"topic":"t",""", 1007, "the frame is not JSON" },
        { null, $$"""{"x":{{TooDeep}}}""", 1007, "nested deeper than 64 levels" },
        { "3.0.0", "[]", 1003, "this vsn speaks MessagePack in binary frames" },
    };

    public static TheoryData<string?, string, int, string> BinaryFrames => new()
    {
        { "2.0.0", "5B5D", 1003, "this vsn speaks JSON in text frames" },
        { null, "5B5D", 1003, "this vsn speaks JSON in text frames" },
        { "3.0.0", "80", 1002, "a frame is an array of five: [join_ref, ref, topic, event, payload]" },
        { "3.0.0", "94C0C0A174A165", 1002, "a frame is an array of five: [join_ref, ref, topic, event, payload]" },
        { "3.0.0", "", 1007, "the frame is not MessagePack" },
        { "3.0.0", "95C0C0A174A165", 1007, "the frame is not MessagePack" },
        { "3.0.0", "95C001A174A16580", 1002, "ref is not a string" },
        { "3.0.0", "95C0C0C0A16580", 1002, "topic is not a string" },
        { "3.0.0", "95C0C0A174A16580C0", 1002, "bytes follow the frame" },
        { "3.0.0", "95C0C0A1FFA16580", 1007, "text is not valid UTF-8" },
        { "3.0.0", "95C0C0A174A165A1FF", 1007, "text is not valid UTF-8" },
        { "3.0.0", "95C0C0A174A165C1", 1007, "the frame is not MessagePack" },
        { "3.0.0", "95C0C0A174A165DDFFFFFFFF", 1007, "the frame is not MessagePack" },
        { "3.0.0", "95C0C0A174A1658101C0", 1007, "a map has a key that is not a string" },
        { "3.0.0", "95C0C0A174A165D6FF00000000", 1007, "MessagePack timestamps are not supported: send times as numbers or strings" },
        { "3.0.0", "95C0C0A174A165D40500", 1007, "MessagePack extension type 5 is not supported" },
        { "3.0.0", "95C0C0A174A165" + string.Concat(Enumerable.Repeat("91", 64)) + "C0", 1007, "nested deeper than 64 levels" },
        { "3.0.0", "95C0C0DA0401" + string.Concat(Enumerable.Repeat("74", 1025)) + "A165C0", 1002, "topic is longer than 1024 characters" },
    };

    private static CancellationToken Test => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(TextFrames))]
    public async Task A_text_that_is_no_frame_closes_its_socket_and_says_why(string? vsn, string text, int status, string reason)
    {
        await using var server = await PhoenixServer.StartAsync();
        await using var client = await server.ConnectAsync(vsn);
        await client.SendTextAsync(text);
        Assert.Equal((status, reason), await client.ReceiveCloseAsync());
    }

    [Theory]
    [MemberData(nameof(BinaryFrames))]
    public async Task A_binary_that_is_no_frame_closes_its_socket_and_says_why(string? vsn, string hex, int status, string reason)
    {
        await using var server = await PhoenixServer.StartAsync();
        await using var client = await server.ConnectAsync(vsn);
        await client.SendBinaryAsync(Convert.FromHexString(hex));
        Assert.Equal((status, reason), await client.ReceiveCloseAsync());
    }

    [Fact]
    public async Task Text_that_is_not_utf8_closes_its_socket_with_1007()
    {
        await using var server = await PhoenixServer.StartAsync();
        await using var client = await server.ConnectAsync("2.0.0");
        await client.Socket.SendAsync(
            new byte[] { (byte)'[', 0xFF, (byte)']' }, WebSocketMessageType.Text, true, Test);
        Assert.Equal(1007, (await client.ReceiveCloseAsync()).Status);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("2.0.0")]
    [InlineData("3.0.0")]
    public async Task A_frame_over_the_limit_closes_its_socket_with_1009_and_one_at_the_limit_does_not(string? vsn)
    {
        await using var server = await PhoenixServer.StartAsync(o => o.MaxFrameBytes = MaxFrameBytes);
        await using var client = await server.ConnectAsync(vsn);
        await client.JoinAsync("echo:a");
        var frame = vsn switch
        {
            null => Encoding.UTF8.GetBytes("""{"topic":"echo:a","event":"echo","ref":"2","payload":"#"}"""),
            "2.0.0" => Encoding.UTF8.GetBytes("""["1","2","echo:a","echo","#"]"""),
            _ => [0x95, 0xA1, (byte)'1', 0xA1, (byte)'2', 0xA6, .. "echo:a"u8, 0xA4, .. "echo"u8, 0xDA, 0, 1, (byte)'#'],
        };
        var type = vsn == "3.0.0" ? WebSocketMessageType.Binary : WebSocketMessageType.Text;
        await client.Socket.SendAsync(Filled(frame, MaxFrameBytes), type, true, Test);
        Assert.Equal("ok", (await client.ReceiveAsync()).Status);
        await client.Socket.SendAsync(Filled(frame, MaxFrameBytes + 1), type, true, Test);
        Assert.Equal((1009, "a frame may have 4096 bytes"), await client.ReceiveCloseAsync());
        Assert.Equal("echo:a", (await server.Hub.NextLeaveAsync()).Topic);
    }

    [Fact]
    public async Task An_endless_message_is_closed_while_it_is_being_sent()
    {
        await using var server = await PhoenixServer.StartAsync(o => o.MaxFrameBytes = MaxFrameBytes);
        await using var client = await server.ConnectAsync("2.0.0");
        var close = client.ReceiveCloseAsync();
        var piece = new byte[1024];
        Array.Fill(piece, (byte)' ');
        for (var i = 0; i < 8; i++)
        {
            await client.Socket.SendAsync(piece, WebSocketMessageType.Text, endOfMessage: false, Test);
        }

        Assert.Equal(1009, (await close).Status);
    }

    [Theory]
    [InlineData(null, 11)]
    [InlineData("2.0.0", 12)]
    [InlineData("3.0.0", 13)]
    public async Task A_thousand_random_frames_never_disturb_another_socket(string? vsn, int seed)
    {
        var random = new Random(seed);
        await using var server = await PhoenixServer.StartAsync();
        await using var bystander = await server.ConnectAsync("2.0.0");
        await bystander.JoinAsync("echo:calm");
        var vandal = await server.ConnectAsync(vsn);
        for (var i = 0; i < 1000; i++)
        {
            if (vandal.Socket.State != WebSocketState.Open)
            {
                await vandal.DisposeAsync();
                vandal = await server.ConnectAsync(vsn);
            }

            var type = (vsn == "3.0.0") == (random.Next(20) != 0) ? WebSocketMessageType.Binary : WebSocketMessageType.Text;
            await SendAndSeeAsync(vandal, RandomFrames.Next(random, vsn), type);
            if (i % 10 == 0)
            {
                await bystander.SendAsync("1", $"{i}", "echo:calm", "echo", $$"""{"i":{{i}}}""");
                var reply = await bystander.ReceiveAsync();
                Assert.Equal(($"{i}", $$"""{"i":{{i}}}"""), (reply.Ref!, reply.Response));
            }
        }

        await vandal.DisposeAsync();
    }

    private static byte[] Filled(byte[] template, int length)
    {
        var at = Array.IndexOf(template, (byte)'#');
        var fill = length - template.Length + 1;
        byte[] frame = [.. template[..at], .. Enumerable.Repeat((byte)'x', fill), .. template[(at + 1)..]];
        if (template[0] == 0x95)
        {
            // The length of the str16 that is filled.
            frame[at - 2] = (byte)(fill >> 8);
            frame[at - 1] = (byte)fill;
        }

        return frame;
    }

    // Each frame is followed by a heartbeat: either it is answered in the end, or the socket is closed with a status.
    private static async Task SendAndSeeAsync(PhoenixTestClient vandal, byte[] frame, WebSocketMessageType type)
    {
        await vandal.Socket.SendAsync(frame, type, true, Test);
        try
        {
            await vandal.SendAsync(null, "see", "phoenix", "heartbeat");
        }
        catch (WebSocketException)
        {
            // Closed in between, which the receiving side tells.
        }

        var buffer = new byte[64 * 1024];
        while (true)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(Test);
            patience.CancelAfter(PhoenixServer.Patience);
            var result = await vandal.Socket.ReceiveAsync(new ArraySegment<byte>(buffer), patience.Token);
            if (result.MessageType == WebSocketMessageType.Close)
            {
                Assert.Contains((int)result.CloseStatus!, new[] { 1002, 1003, 1007 });
                await vandal.Socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", Test);
                return;
            }

            if (buffer.AsSpan(0, result.Count).IndexOf("see"u8) >= 0)
            {
                return;
            }
        }
    }
}
