using System.Text;
using System.Text.Json;
using CsCheck;
using Levee.Fuzz.Generation;

namespace Levee.Fuzz.Tests;

public sealed class GenerationTests
{
    private const string Json = """{"a":[1,-2.5,"x\u0000y",null,true],"":{"b":[]}}""";

    [Fact]
    public void A_tree_that_nothing_has_changed_is_written_as_it_was_read() => Assert.Equal(Json, Tree.Parse(Json).Write());

    [Fact]
    public void The_same_seed_makes_the_same_inputs() =>
        Gen.Int.Sample(seed => Assert.Equal(Mutated(new Random(seed)), Mutated(new Random(seed))));

    [Fact]
    public void Inputs_are_of_all_kinds_good_and_bad()
    {
        var inputs = Enumerable.Range(0, 2000).Select(seed => Mutated(new Random(seed))).ToList();
        Assert.Contains(inputs, input => !IsJson(input));
        Assert.Contains(inputs, IsJson);
        Assert.Contains(inputs, input => input.Length > 50_000);
        Assert.True(inputs.Select(input => Encoding.Latin1.GetString(input)).Distinct().Count() > 1000);
    }

    [Fact]
    public void No_input_is_so_large_that_making_it_takes_longer_than_sending_it() =>
        Gen.Int.Sample(seed => Mutated(new Random(seed)).Length < 8 << 20, iter: 20_000);

    [Fact]
    public void A_tree_as_MessagePack_holds_the_same_values() => Assert.Equal(
        """{"a":[1,-2.5,"x\u0000y",null,true],"":{"b":[]}}""",
        JsonSerializer.Serialize(JsonSerializer.Deserialize<JsonElement>(Dialects.MessagePackText.ToJson(MessagePackTree.Write(Tree.Parse(Json), null)))));

    [Fact]
    public void Any_tree_can_be_written_as_MessagePack() => Gen.Int.Sample(seed =>
    {
        var random = new Random(seed);
        var tree = Tree.Parse(Json);
        TreeMutation.Apply(tree, random);
        TreeMutation.Apply(tree, random);
        Assert.NotEmpty(MessagePackTree.Write(tree, random));
    }, iter: 20_000);

    [Theory]
    [InlineData("--seed", "x")]
    [InlineData("--dialect", "morse")]
    [InlineData("--help")]
    public void A_command_line_that_is_wrong_is_refused(params string[] args) => Assert.Throws<FormatException>(() => FuzzOptions.Parse(args));

    private static byte[] Mutated(Random random)
    {
        var tree = Tree.Parse(Json);
        TreeMutation.Apply(tree, random);
        var bytes = Encoding.UTF8.GetBytes(tree.Write());
        return random.Next(4) == 0 ? ByteMutation.Apply(bytes, random) : bytes;
    }

    private static bool IsJson(byte[] bytes)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
