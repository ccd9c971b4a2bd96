using System.Globalization;

namespace Levee.Server;

/// <summary>Where the server listens: <c>--urls</c> (or ASP.NET Core's other settings), else <c>PORT</c>, else port 4000.</summary>
internal static class ListenAddress
{
    private const int DefaultPort = 4000;

    public static void Apply(WebApplicationBuilder builder)
    {
        var configuration = builder.Configuration;
        if (!string.IsNullOrEmpty(configuration[WebHostDefaults.ServerUrlsKey]) || configuration.GetSection("Kestrel:Endpoints").Exists())
        {
            return;
        }

        var text = configuration["PORT"];
        var port = DefaultPort;
        if (!string.IsNullOrEmpty(text)
            && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) || port > ushort.MaxValue))
        {
            throw new SettingException($"PORT must be a number from 0 to {ushort.MaxValue}, but it is '{text}'.");
        }

        // In Development the tenants' keys are known to everybody: nobody else's machine may reach them.
        var host = builder.Environment.IsDevelopment() ? "localhost" : "*";
        builder.WebHost.UseUrls($"http://{host}:{port}");
    }
}
