namespace Levee.Protocol.Tests;

/// <summary>
/// The rules of ordering in their most obvious form: lists and linear scans, every answer a sentence. Written from the rules, to be
/// compared with <see cref="Sequencer"/>.
/// </summary>
internal sealed class NaiveSequencer
{
    private static readonly string[] ServiceTypes = ["join", "leave", "summaryAck", "summaryNack", "noClient", "control"];

    private long _told;
    private long _clock;

    public List<Client> Clients { get; } = [];

    public long Sn { get; private set; }

    public long Msn { get; private set; }

    public string Join(string id, bool maySummarize, long now)
    {
        Clients.Add(new Client { Id = id, Rsn = Msn, MaySummarize = maySummarize, LastActive = now });
        return Stamp("service", -1, -1, "join", now);
    }

    public string Leave(string id, long now) =>
        Clients.RemoveAll(client => client.Id == id) > 0 ? Stamp("service", -1, -1, "leave", now) : "not here";

    public string Service(string type, long now) => Stamp("service", -1, -1, type, now);

    public string NoClient(long now) => Clients.Count == 0 ? Stamp("service", -1, Sn + 1, "noClient", now) : "somebody writes";

    public string Timer(long now) => Msn > _told ? Stamp("service", -1, -1, "noop", now) : "nothing to tell";

    public void Refer(string id, long rsn, long now)
    {
        if (Clients.Find(c => c.Id == id) is { Nacked: false } client && rsn >= client.Rsn && rsn <= Sn)
        {
            client.Rsn = rsn;
            client.LastActive = now;
            Recompute();
        }
    }

    public string Submit(string id, in DocumentMessage op, long now)
    {
        var client = Clients.Find(c => c.Id == id);
        if (client is not null && op.ClientSequenceNumber != client.Csn + 1)
        {
            return op.ClientSequenceNumber <= client.Csn ? "duplicate" : Nack(400, "BadRequestError", "Gap detected in incoming op");
        }

        if (ServiceTypes.Contains(op.Type))
        {
            return Nack(400, "BadRequestError", "Op not allowed");
        }

        if (client is null || client.Nacked)
        {
            return Nack(400, "BadRequestError", "Nonexistent client");
        }

        var rsn = op.ReferenceSequenceNumber;
        if (rsn < -1 || rsn > Sn)
        {
            return Nack(400, "BadRequestError", $"Refseq {rsn} is not between -1 and {Sn}");
        }

        if (rsn != -1 && rsn < Msn)
        {
            client.Nacked = true;
            client.Csn++;
            return Nack(400, "BadRequestError", $"Refseq {rsn} < {Msn}");
        }

        if (op.Type == "summarize" && !client.MaySummarize)
        {
            return Nack(403, "InvalidScopeError", $"Client {id} does not have summary permission");
        }

        var isNoOp = op.Type == "noop";
        client.Csn++;
        client.LastActive = now;
        client.Rsn = rsn != -1 ? rsn : isNoOp ? Sn : Sn + 1;
        Recompute();
        return isNoOp && (op.HasNullContents || Msn <= _told)
            ? "coalesced"
            : Stamp(id, client.Csn, client.Rsn, op.Type, now);
    }

    /// <summary>The sentence for what the product did.</summary>
    public static string Describe(in SequencedDocumentMessage m) =>
        $"{m.SequenceNumber} {m.Type} of {m.ClientId ?? "service"} csn {m.ClientSequenceNumber} rsn {m.ReferenceSequenceNumber} "
        + $"msn {m.MinimumSequenceNumber} at {m.Timestamp}";

    /// <inheritdoc cref="Describe(in SequencedDocumentMessage)"/>
    public static string Describe(in TicketOutcome outcome) => outcome.Kind switch
    {
        TicketKind.Sequenced => Describe(outcome.Message),
        TicketKind.Duplicate => "duplicate",
        TicketKind.Coalesced => "coalesced",
        _ => $"nack {outcome.Nack!.Content.Code} {outcome.Nack.Content.Type} {outcome.Nack.Content.Message} at {outcome.Nack.SequenceNumber}",
    };

    private string Nack(int code, string type, string message) => $"nack {code} {type} {message} at {Msn}";

    private string Stamp(string sender, long csn, long rsn, string type, long now)
    {
        Sn++;
        if (Clients.Count == 0)
        {
            Msn = Sn;
        }

        Recompute();
        _told = Msn;
        _clock = Math.Max(_clock, now);
        return $"{Sn} {type} of {sender} csn {csn} rsn {rsn} msn {Msn} at {_clock}";
    }

    private void Recompute()
    {
        if (Clients.Count > 0)
        {
            Msn = Math.Max(Msn, Clients.Min(client => client.Rsn));
        }
    }

    internal sealed class Client
    {
        public required string Id { get; init; }

        public long Csn { get; set; }

        public long Rsn { get; set; }

        public bool MaySummarize { get; init; }

        public bool Nacked { get; set; }

        public long LastActive { get; set; }
    }
}
