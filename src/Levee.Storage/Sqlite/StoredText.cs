using System.Text;

namespace Levee.Storage.Sqlite;

/// <summary>Text that is part of a key.</summary>
internal static class StoredText
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>Throws an <see cref="ArgumentException"/> for half a surrogate pair: replaced in UTF-8, two keys could become one.</summary>
    public static void Check(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        Strict.GetByteCount(text);
    }
}
