namespace Levee.Fuzz.Dialects;

/// <summary>How frames are written.</summary>
internal enum PhoenixForm
{
    /// <summary><c>vsn=2.0.0</c>: JSON arrays.</summary>
    Array,

    /// <summary>No <c>vsn</c>: JSON objects.</summary>
    Object,

    /// <summary><c>vsn=3.0.0</c>: MessagePack arrays.</summary>
    MessagePack,
}
