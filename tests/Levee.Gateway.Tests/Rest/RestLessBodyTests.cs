using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using CsCheck;
using Levee.Gateway.Rest;
using Microsoft.AspNetCore.Http;

namespace Levee.Gateway.Tests.Rest;

public sealed class RestLessBodyTests
{
    /// <summary>A byte, and whether it is escaped although it need not be.</summary>
    private static readonly Gen<(byte Byte, bool IsEscaped)[]> Bytes = Gen.Select(Gen.Byte, Gen.Bool).Array[0, 200];

    [Fact]
    public void Any_bytes_in_any_spelling_cut_anywhere_and_read_in_any_pieces_come_out_as_they_were() =>
        Gen.Select(Bytes, Gen.Int[1, 20].Array[1, 10], Gen.Int[1, 20].Array[1, 10]).Sample((bytes, cuts, reads) =>
        {
            var encoded = bytes.SelectMany(Encode).ToArray();
            var decoded = Read(encoded, cuts, reads).GetAwaiter().GetResult();
            Assert.Equal(bytes.Select(pair => pair.Byte), decoded);
        });

    [Theory]
    [InlineData("%")]
    [InlineData("a%4")]
    [InlineData("%4g")]
    [InlineData("%zz1")]
    [InlineData("% 1")]
    [InlineData("%+1")]
    [InlineData("%4\0")]
    public async Task An_escape_without_two_hex_digits_is_malformed_wherever_it_is_cut(string text)
    {
        for (var cut = 1; cut <= 4; cut++)
        {
            var refused = await Assert.ThrowsAsync<BadHttpRequestException>(() => Read(Encoding.ASCII.GetBytes(text), [cut], [1]));
            Assert.Equal(400, refused.StatusCode);
            Assert.Equal("A RestLess form has a body with a % that no two hex digits follow", refused.Message);
        }
    }

    [Theory]
    [InlineData("{}&header=a")]
    [InlineData("&")]
    [InlineData("{}&body={}")]
    public async Task Nothing_follows_the_body(string text)
    {
        var refused = await Assert.ThrowsAsync<BadHttpRequestException>(() => Read(Encoding.ASCII.GetBytes(text), [3], [2]));
        Assert.Equal(400, refused.StatusCode);
        Assert.Equal("A RestLess form must have its body as the last field", refused.Message);
    }

    [Fact]
    public async Task Is_not_read_after_its_request()
    {
        var body = new RestLessBody(PipeReader.Create(new ReadOnlySequence<byte>([1])));
        await body.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => body.ReadExactlyAsync(new byte[1], TestContext.Current.CancellationToken).AsTask());
    }

    private static byte[] Encode((byte Byte, bool IsEscaped) pair) => pair switch
    {
        ((byte)' ', false) => [(byte)'+'],
        ((byte)'+' or (byte)'%' or (byte)'&', _) or (_, true) => Encoding.ASCII.GetBytes(
            pair.Byte % 2 == 0 ? $"%{pair.Byte:X2}" : $"%{pair.Byte:x2}"),
        _ => [pair.Byte],
    };

    private static async Task<byte[]> Read(byte[] encoded, int[] cuts, int[] reads)
    {
        var cancellation = TestContext.Current.CancellationToken;
        // Segments no longer than a cut, and, by the scheduler, each read before the next one is there.
        var pipe = new Pipe(new PipeOptions(
            new ExactPool(), PipeScheduler.Inline, PipeScheduler.Inline, pauseWriterThreshold: 0, minimumSegmentSize: 1, useSynchronizationContext: false));
        await using var body = new RestLessBody(pipe.Reader);
        var decoded = new List<byte>();
        var buffer = new byte[32];
        var (position, turn) = (0, 0);
        while (true)
        {
            var pending = body.ReadAsync(buffer.AsMemory(0, reads[turn % reads.Length]), cancellation);
            while (!pending.IsCompleted && position < encoded.Length)
            {
                var length = Math.Min(cuts[turn++ % cuts.Length], encoded.Length - position);
                await pipe.Writer.WriteAsync(encoded.AsMemory(position, length), cancellation);
                position += length;
            }

            if (position == encoded.Length)
            {
                await pipe.Writer.CompleteAsync();
            }

            if (await pending is not (> 0 and var read))
            {
                return [.. decoded];
            }

            decoded.AddRange(buffer.AsSpan(0, read));
        }
    }

    /// <summary>Gives memory of just the size that is asked for, so that segments end where the test cuts.</summary>
    private sealed class ExactPool : MemoryPool<byte>
    {
        public override int MaxBufferSize => int.MaxValue;

        public override IMemoryOwner<byte> Rent(int minBufferSize = -1) => new Owner(new byte[Math.Max(1, minBufferSize)]);

        protected override void Dispose(bool disposing)
        {
        }

        private sealed class Owner(byte[] bytes) : IMemoryOwner<byte>
        {
            public Memory<byte> Memory => bytes;

            public void Dispose()
            {
            }
        }
    }
}
