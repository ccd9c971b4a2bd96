using System.Globalization;

namespace Levee.Server;

/// <summary>Where the server listens: <c>--urls</c> (or ASP.NET Core's other settings), else <c>PORT</c>, else port 4000.</summary>
internal static class ListenAddress
{
    private const int DefaultPort = 4000;

    public static void Apply(WebApplicationBuilder builder)
    {
        var configuration = builder.Configuration;
        if (configuration[WebHostDefaults.ServerUrlsKey] is { Length: > 0 } urls)
        {
            RequireAddresses(urls);
            return;
        }

        if (configuration.GetSection("Kestrel:Endpoints").Exists())
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

    private static void RequireAddresses(string urls)
    {
        foreach (var url in urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (!IsAddress(url))
            {
                throw new SettingException(
                    $"--urls must have addresses such as http://localhost:{DefaultPort}, with ; between them, but '{url}' is none.");
            }
        }
    }

    private static bool IsAddress(string url)
    {
        try
        {
            // Kestrel takes what it can not read as a port for a part of the host's name, and listens on all interfaces, port 80.
            var address = BindingAddress.Parse(url);
            return address.IsUnixPipe || address.IsNamedPipe || address.Host.StartsWith('[') || !address.Host.Contains(':');
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException)
        {
            return false;
        }
    }
}
