using CsCheck;

namespace Levee.Identity.Tests;

public sealed class TenantIdTests
{
    [Theory]
    [InlineData("a", true)]
    [InlineData("7", true)]
    [InlineData("tremendous-brown-cat", true)]
    [InlineData("A.b_c-9", true)]
    [InlineData(null, false)]
    [InlineData("", false)]
    [InlineData(".", false)]
    [InlineData("..", false)]
    [InlineData("-a", false)]
    [InlineData("a:b", false)]
    [InlineData("a/b", false)]
    [InlineData("a b", false)]
    [InlineData("é", false)]
    [InlineData("a\u0000", false)]
    public void Knows_its_form(string? id, bool valid)
    {
        Assert.Equal(valid, TenantId.IsValid(id));
    }

    [Fact]
    public void Is_bounded()
    {
        Assert.True(TenantId.IsValid(new string('a', 128)));
        Assert.False(TenantId.IsValid(new string('a', 129)));
    }

    [Fact]
    public void Draws_valid_ids_that_are_not_taken_however_many_are()
    {
        Gen.Int[0, int.MaxValue].Array[1, 8].Sample(
            draws =>
            {
                // Few different draws, used over and over, so that ids run out soon.
                var next = 0;
                var generator = new TenantIdGenerator(below => draws[next++ % draws.Length] % below);
                var taken = new HashSet<string>();
                for (var n = 0; n < 40; n++)
                {
                    var id = generator.Next(taken.Contains);
                    if (!TenantId.IsValid(id) || !taken.Add(id))
                    {
                        return false;
                    }
                }

                return true;
            },
            iter: 500);
    }
}
