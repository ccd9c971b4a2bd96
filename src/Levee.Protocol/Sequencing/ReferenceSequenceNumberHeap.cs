namespace Levee.Protocol;

/// <summary>
/// The write clients, the lowest RSN on top: a binary heap that knows each client's place, so that the MSN costs O(log clients) per
/// op, not O(clients).
/// </summary>
internal sealed class ReferenceSequenceNumberHeap
{
    private readonly List<SequencedClient> _clients = [];

    /// <summary>The lowest RSN; null when there is no client.</summary>
    public long? Minimum => _clients.Count == 0 ? null : _clients[0].ReferenceSequenceNumber;

    public void Add(SequencedClient client)
    {
        client.HeapIndex = _clients.Count;
        _clients.Add(client);
        SiftUp(client.HeapIndex);
    }

    public void Remove(SequencedClient client)
    {
        var index = client.HeapIndex;
        var last = _clients[^1];
        _clients.RemoveAt(_clients.Count - 1);
        if (last == client)
        {
            return;
        }

        Place(last, index);
        SiftUp(index);
        SiftDown(last.HeapIndex);
    }

    /// <summary>Changes a client's RSN, in either direction.</summary>
    public void Update(SequencedClient client, long referenceSequenceNumber)
    {
        client.ReferenceSequenceNumber = referenceSequenceNumber;
        SiftUp(client.HeapIndex);
        SiftDown(client.HeapIndex);
    }

    private void SiftUp(int index)
    {
        var client = _clients[index];
        while (index > 0 && _clients[(index - 1) / 2].ReferenceSequenceNumber > client.ReferenceSequenceNumber)
        {
            Place(_clients[(index - 1) / 2], index);
            index = (index - 1) / 2;
        }

        Place(client, index);
    }

    private void SiftDown(int index)
    {
        var client = _clients[index];
        while (LowerChild(index) is { } child && _clients[child].ReferenceSequenceNumber < client.ReferenceSequenceNumber)
        {
            Place(_clients[child], index);
            index = child;
        }

        Place(client, index);
    }

    private int? LowerChild(int index)
    {
        var left = (2 * index) + 1;
        var right = left + 1;
        if (left >= _clients.Count)
        {
            return null;
        }

        return right < _clients.Count && _clients[right].ReferenceSequenceNumber < _clients[left].ReferenceSequenceNumber
            ? right
            : left;
    }

    private void Place(SequencedClient client, int index)
    {
        _clients[index] = client;
        client.HeapIndex = index;
    }
}
