namespace Levee.Faults.Clients;

/// <summary>An op as it is sent.</summary>
internal sealed record OutgoingOp(string Type, string? Contents, long ClientSequenceNumber, long ReferenceSequenceNumber, bool? BatchMark = null)
{
    /// <summary>The JSON that both dialects take.</summary>
    public Dictionary<string, object?> ToWire()
    {
        var op = new Dictionary<string, object?>
        {
            ["type"] = Type,
            ["contents"] = Contents,
            ["clientSequenceNumber"] = ClientSequenceNumber,
            ["referenceSequenceNumber"] = ReferenceSequenceNumber,
        };
        if (BatchMark is { } mark)
        {
            op["metadata"] = new { batch = mark };
        }

        return op;
    }
}
