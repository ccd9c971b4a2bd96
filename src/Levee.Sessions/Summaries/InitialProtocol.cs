using System.Text.Json;
using Levee.Protocol;

namespace Levee.Sessions;

/// <summary>
/// What a new document's log starts from: a number and accepted values, as the request says or, where it is silent, as the
/// <c>.protocol</c> of its summary does.
/// </summary>
/// <param name="SequenceNumber">The number that the log starts above.</param>
/// <param name="Values">The accepted values.</param>
/// <param name="IsSummarysOwn">Whether the summary's <c>.protocol</c> says just this, so that it may stay as the client wrote it.</param>
internal sealed record InitialProtocol(long SequenceNumber, IReadOnlyList<QuorumValue> Values, bool IsSummarysOwn)
{
    // What a JavaScript client can count.
    private const long MaxSafeInteger = (1L << 53) - 1;

    // They are kept inside of other JSON, such as checkpoints, that is read to a depth, too.
    private const int MaxValuesDepth = 32;

    /// <exception cref="MalformedMessageException">A number or the values can not be used.</exception>
    public static InitialProtocol Of(DocumentDraft draft)
    {
        var tree = draft.Summary?.Children.GetValueOrDefault(ProtocolTree.Name) as SummaryTree;
        var attributes = BlobOf(tree, ProtocolTree.Attributes);
        var stated = Number(attributes, "sequenceNumber"u8);
        var number = draft.SequenceNumber ?? stated ?? 0;
        if (number is < 0 or > MaxSafeInteger)
        {
            throw new MalformedMessageException($"sequenceNumber must be from 0 to {MaxSafeInteger}");
        }

        var statedValues = BlobOf(tree, ProtocolTree.Values);
        var values = draft.Values ?? statedValues;
        // A client that loads the summary must find the numbers and the quorum that the log starts from, whoever wrote them.
        var isOwn = stated == number
            && Number(attributes, "minimumSequenceNumber"u8) == number
            && IsEmptyList(tree, ProtocolTree.Members)
            && IsEmptyList(tree, ProtocolTree.Proposals)
            && statedValues is { } own
            && (draft.Values is null || draft.Values.Value.Span.SequenceEqual(own.Span));
        return new InitialProtocol(number, values is { } json ? Read(json) : [], isOwn);
    }

    private static IReadOnlyList<QuorumValue> Read(ReadOnlyMemory<byte> values)
    {
        if (IsTooDeep(values))
        {
            throw new MalformedMessageException($"values must not be nested more than {MaxValuesDepth} levels deep");
        }

        try
        {
            return QuorumJson.ReadValues(values);
        }
        catch (Exception e) when (e is JsonException or MalformedMessageException)
        {
            throw new MalformedMessageException("values must be a list of pairs [key, {key, value, sequenceNumber, approvalSequenceNumber}]");
        }
    }

    private static bool IsTooDeep(ReadOnlyMemory<byte> values)
    {
        var reader = new Utf8JsonReader(values.Span, new JsonReaderOptions { MaxDepth = ObjectLimits.MaxSummaryJsonDepth });
        try
        {
            while (reader.Read())
            {
                // The depth at a bracket does not count what it opens.
                if (reader.CurrentDepth >= MaxValuesDepth && (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject))
                {
                    return true;
                }
            }
        }
        catch (JsonException)
        {
            // A blob in a summary need not be JSON at all; who reads the values says so.
        }

        return false;
    }

    private static ReadOnlyMemory<byte>? BlobOf(SummaryTree? tree, string name) =>
        (tree?.Children.GetValueOrDefault(name) as SummaryBlob)?.Content;

    private static bool IsEmptyList(SummaryTree? tree, string name) => BlobOf(tree, name) is { } list && list.Span.SequenceEqual("[]"u8);

    private static long? Number(ReadOnlyMemory<byte>? attributes, ReadOnlySpan<byte> name)
    {
        try
        {
            return attributes is { } json && JsonReading.TryGetMember(json, name, out var value) ? JsonReading.NumberOf(value) : null;
        }
        catch (Exception e) when (e is JsonException or MalformedMessageException)
        {
            throw new MalformedMessageException($"{ProtocolTree.Name}/{ProtocolTree.Attributes} must be JSON with integers");
        }
    }
}
