namespace Levee.Fuzz.Generation;

/// <summary>What a <see cref="Tree"/> is.</summary>
internal enum TreeKind
{
    /// <summary>A text, a number, a word, or something that is none of these.</summary>
    Scalar,

    /// <summary>A JSON array.</summary>
    List,

    /// <summary>A JSON object.</summary>
    Object,
}
