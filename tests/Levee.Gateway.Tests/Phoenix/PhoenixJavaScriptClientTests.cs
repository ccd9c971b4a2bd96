using Levee.Tests;

namespace Levee.Gateway.Tests.Phoenix;

/// <summary>Phoenix's own JavaScript client, in JSON and with msgpackr.</summary>
public sealed class PhoenixJavaScriptClientTests
{
    [Theory]
    [InlineData("2.0.0")]
    [InlineData("3.0.0")]
    public async Task The_phoenix_client_joins_pushes_receives_rejoins_and_leaves(string vsn)
    {
        await using var server = await PhoenixServer.StartAsync();
        var output = await NodeScript.RunAsync("phoenix-echo.mjs", $"ws://{server.HttpAddress.Authority}/socket", vsn);
        Assert.Equal(
            """
            joined {"hello":"wörld 😀"}
            refused {"reason":"not you"}
            echo {"i":-5,"big":1700000000000,"f":1.5,"s":"é😀\n","n":null,"a":[1,[2,{}]]}
            error {"why":"asked"}
            pushed {"n":1}
            later {"n":2}
            news {"n":3}
            rejoined after a crash
            left
            closed
            """,
            output,
            ignoreLineEndingDifferences: true);
    }
}
