using System.Buffers.Text;
using System.Security.Cryptography;

namespace Levee.Gateway.SocketIo.EngineIo;

/// <summary>Ids that nobody can guess: whoever knows a session's id can read and write in its name.</summary>
internal static class EngineIds
{
    private const int Bytes = 18;

    internal static string New() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes));
}
