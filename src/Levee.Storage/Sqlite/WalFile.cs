using System.Buffers.Binary;

namespace Levee.Storage.Sqlite;

/// <summary>
/// Reads a write-ahead log as SQLite's recovery does (sqlite.org/fileformat2.html, section 4), to tell a log that ends from one that is
/// broken: recovery itself stops at the first frame that does not add up, and forgets what follows.
/// </summary>
internal static class WalFile
{
    /// <summary>What its name adds to the database's.</summary>
    public const string Suffix = "-wal";

    private const int HeaderBytes = 32;
    private const int FrameHeaderBytes = 24;
    private const uint Magic = 0x377f0682;

    /// <summary>Says what is wrong; null when nothing is, or when there is no log. Nobody may be writing to it.</summary>
    /// <param name="path">The log.</param>
    /// <param name="areCommitsSynced">
    /// Each commit reached the disk before the next was begun. Without that, a power cut leaves holes in a log that nobody has damaged.
    /// </param>
    public static string? Inspect(string path, bool areCommitsSynced)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        using var log = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 20);
        var header = new byte[HeaderBytes];
        // A power cut may leave a new log short, or of zeros: its header was not synced, so nothing in it was acknowledged.
        if (log.ReadAtLeast(header, HeaderBytes, throwOnEndOfStream: false) < HeaderBytes || !header.AsSpan().ContainsAnyExcept((byte)0))
        {
            return null;
        }

        var magic = BinaryPrimitives.ReadUInt32BigEndian(header);
        var pageSize = BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(8));
        if ((magic & ~1u) != Magic || pageSize is < 512 or > 65536 || !uint.IsPow2(pageSize))
        {
            return "its header is not that of a log";
        }

        var checksum = new Checksum(isBigEndian: (magic & 1) == 1);
        checksum.Add(header.AsSpan(0, 24));
        if (!checksum.Matches(header.AsSpan(24)))
        {
            return "its header has a wrong checksum";
        }

        return areCommitsSynced ? InspectFrames(log, header.AsSpan(16, 8), checksum, (int)pageSize) : null;
    }

    /// <summary>
    /// The commit that was being written when the power failed may be there in part. Two commits after a frame that does not add up are
    /// one more than that: the earlier one was acknowledged.
    /// </summary>
    private static string? InspectFrames(FileStream log, ReadOnlySpan<byte> salt, Checksum checksum, int pageSize)
    {
        var frame = new byte[FrameHeaderBytes + pageSize];
        var broken = 0L;
        var commitsAfter = 0;
        for (var number = 1L; log.ReadAtLeast(frame, frame.Length, throwOnEndOfStream: false) == frame.Length; number++)
        {
            var isOfThisLog = frame.AsSpan(8, 8).SequenceEqual(salt);
            if (broken == 0)
            {
                checksum.Add(frame.AsSpan(0, 8));
                checksum.Add(frame.AsSpan(FrameHeaderBytes));
                broken = isOfThisLog && checksum.Matches(frame.AsSpan(16)) ? 0 : number;
            }
            else if (isOfThisLog && BinaryPrimitives.ReadUInt32BigEndian(frame.AsSpan(4)) != 0 && ++commitsAfter == 2)
            {
                return $"frame {broken} does not add up, and commits follow it";
            }
        }

        return null;
    }

    private struct Checksum(bool isBigEndian)
    {
        private uint _first;
        private uint _second;

        public void Add(ReadOnlySpan<byte> bytes)
        {
            for (; bytes.Length >= 8; bytes = bytes[8..])
            {
                _first += Word(bytes) + _second;
                _second += Word(bytes[4..]) + _first;
            }
        }

        public readonly bool Matches(ReadOnlySpan<byte> stored) =>
            BinaryPrimitives.ReadUInt32BigEndian(stored) == _first && BinaryPrimitives.ReadUInt32BigEndian(stored[4..]) == _second;

        private readonly uint Word(ReadOnlySpan<byte> bytes) =>
            isBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }
}
