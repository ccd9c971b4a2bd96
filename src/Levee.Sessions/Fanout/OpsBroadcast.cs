using Levee.Protocol;

namespace Levee.Sessions;

/// <summary>Durable messages on their way to clients.</summary>
/// <param name="document">The document.</param>
/// <param name="deltas">The messages.</param>
public sealed class OpsBroadcast(DocumentKey document, DeltaBatch deltas) : SharedFrames
{
    /// <summary>The document.</summary>
    public DocumentKey Document { get; } = document;

    /// <summary>The messages.</summary>
    public DeltaBatch Deltas { get; } = deltas;

    /// <inheritdoc cref="SharedFrames.Frames"/>
    public TFrames FramesFor<TEncoding, TFrames>(TEncoding encoding, Func<OpsBroadcast, TEncoding, TFrames> make)
        where TEncoding : class
        where TFrames : class => Frames(this, encoding, make);
}
