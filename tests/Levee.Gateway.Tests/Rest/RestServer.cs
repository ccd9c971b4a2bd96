using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Levee.Gateway.Rest;
using Levee.Identity;
using Levee.Protocol;
using Levee.Sessions;
using Levee.Storage;
using Levee.Storage.Sqlite;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Levee.Gateway.Tests.Rest;

/// <summary>The HTTP routes on a real Kestrel and a real SQLite file, with the tenants acme and other.</summary>
public sealed class RestServer : IAsyncLifetime
{
    public const string Tenant = "acme";

    private const string Secret = "7f3b9f51c2a84d0e9b6a5c1d2e3f40517f3b9f51c2a84d0e9b6a5c1d2e3f4051";
    private const string OtherSecret = "0a3b9f51c2a84d0e9b6a5c1d2e3f40517f3b9f51c2a84d0e9b6a5c1d2e3f4051";

    private readonly string _directory = Directory.CreateTempSubdirectory("levee-rest-").FullName;
    private readonly string _environment;
    private readonly (string Key, string Value)[] _settings;
    private WebApplication? _app;
    private SqliteDocumentStore? _store;

    public RestServer()
        : this("Production")
    {
    }

    private RestServer(string environment, params (string Key, string Value)[] settings)
    {
        _environment = environment;
        _settings = settings;
    }

    public static async Task<RestServer> StartAsync(string environment, params (string Key, string Value)[] settings)
    {
        var server = new RestServer(environment, settings);
        await server.InitializeAsync();
        return server;
    }

    public IDocumentStore Store => _store!;

    public HttpClient Http { get; } = new(new HttpClientHandler { AllowAutoRedirect = false });

    public string Address => Http.BaseAddress!.ToString().TrimEnd('/');

    public IServiceProvider Services => _app!.Services;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = _environment });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(
        [
            KeyValuePair.Create("Levee:Identity:Tenants:0:Id", (string?)Tenant),
            KeyValuePair.Create("Levee:Identity:Tenants:0:Secret1", (string?)Secret),
            KeyValuePair.Create("Levee:Identity:Tenants:1:Id", (string?)"other"),
            KeyValuePair.Create("Levee:Identity:Tenants:1:Secret1", (string?)OtherSecret),
            .. _settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)),
        ]);
        _store = SqliteDocumentStore.Open(new SqliteOptions { Path = Path.Combine(_directory, "levee.db"), Synchronous = SqliteSynchronous.Off });
        builder.Services.AddSingleton<IDocumentStore>(_store);
        builder.Services.AddSingleton<ITenantStore>(_store);
        builder.Services.AddSingleton<IRevocationStore>(_store);
        builder.Services.AddLeveeIdentity(builder.Configuration);
        builder.Services.AddSingleton(services => new SessionDirectory(new SessionServices
        {
            Store = _store,
            Options = new Sessions.SessionOptions(),
            Logger = services.GetRequiredService<ILogger<DocumentSession>>(),
        }));
        builder.Services.AddLeveeRest();
        _app = builder.Build();
        await _app.Services.GetRequiredService<TenantDirectory>().LoadAsync(CancellationToken.None);
        await _app.Services.GetRequiredService<RevocationList>().LoadAsync(CancellationToken.None);
        _app.UseLeveeRest();
        _app.MapLeveeRest();
        await _app.StartAsync();
        Http.BaseAddress = new Uri(_app.Urls.Single());
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }

        if (_store is not null)
        {
            await _store.DisposeAsync();
        }

        Directory.Delete(_directory, recursive: true);
    }

    public static string NewId() => Guid.NewGuid().ToString("N");

    /// <summary>A token for a document of acme, with all scopes unless others are named.</summary>
    public string Token(string document, params string[] scopes) => Mint(Acme, document, scopes);

    /// <summary>A token whose hour has passed.</summary>
    public string ExpiredToken(string document) => new TokenMinter(new FakeTimeProvider(DateTimeOffset.UtcNow.AddHours(-2)))
        .FullAccess(Acme, document, TokenUser.Create("ann"));

    /// <summary>A token of acme that lives so long.</summary>
    public string ShortLivedToken(string document, TimeSpan lifetime) =>
        new TokenMinter(TimeProvider.System).FullAccess(Acme, document, TokenUser.Create("ann"), lifetime);

    /// <summary>A token that acme's secret signed and that names another tenant.</summary>
    public string MisnamedToken(string document) => Mint(new Tenant("other", "other", Secret, Secret), document);

    /// <summary>A token of another tenant, signed by it.</summary>
    public string ForeignToken(string document) => Mint(new Tenant("other", "other", OtherSecret, OtherSecret), document);

    public async Task<HttpResponseMessage> SendAsync(
        string method, string path, string? token, HttpContent? content = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = content };
        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        return await Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    public Task<HttpResponseMessage> SendJsonAsync(string method, string path, string? token, string json) =>
        SendAsync(method, path, token, new StringContent(json, Encoding.UTF8, "application/json"));

    /// <summary>Sends and expects a status; gives the answer's JSON.</summary>
    public async Task<JsonNode> ExpectAsync(int status, string method, string path, string? token, JsonNode? body = null)
    {
        using var response = await SendAsync(method, path, token, body is null ? null : JsonContent.Create(body));
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(status == (int)response.StatusCode, $"{method} {path}: {(int)response.StatusCode} {text}");
        return JsonNode.Parse(text)!;
    }

    /// <summary>Sends and expects an error of the contract's form; gives its message.</summary>
    public async Task<string> ExpectErrorAsync(int status, string method, string path, string? token, JsonNode? body = null)
    {
        var answer = Assert.IsType<JsonObject>(await ExpectAsync(status, method, path, token, body));
        return Assert.Single(answer, member => member.Key == "error").Value!.GetValue<string>();
    }

    /// <summary>The routerlicious driver's <c>Authorization</c> for a path: with the tenant in base64 for git objects, the bare token elsewhere.</summary>
    public static string Basic(string path, string token, string tenant = Tenant) => path.StartsWith("/repos/", StringComparison.Ordinal)
        ? $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{tenant}:{token}"))}"
        : $"Basic {token}";

    /// <summary>Sends as a routerlicious driver does, in a RestLess form, or as the plain request that the form stands for.</summary>
    public async Task<HttpResponseMessage> SendBasicAsync(bool isRestLess, string method, string path, string authorization, string? json = null)
    {
        using var request = new HttpRequestMessage(isRestLess ? HttpMethod.Post : new HttpMethod(method), path);
        if (isRestLess)
        {
            var form = new RestLessContent(method).Header("x-driver-version", "2.111.0").Header("Authorization", authorization);
            request.Content = (json is null ? form : form.Body(json)).ToContent();
        }
        else
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
            request.Content = json is null ? null : new StringContent(json, Encoding.UTF8, "application/json");
        }

        return await Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>Sends as a routerlicious driver does and expects a status; gives the answer's JSON.</summary>
    public async Task<JsonNode> ExpectBasicAsync(bool isRestLess, int status, string method, string path, string token, JsonNode? body = null)
    {
        using var response = await SendBasicAsync(isRestLess, method, path, Basic(path, token), body?.ToJsonString());
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(status == (int)response.StatusCode, $"{method} {path}: {(int)response.StatusCode} {text}");
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        return JsonNode.Parse(text)!;
    }

    /// <summary>Creates an empty document and appends so many messages of about so many bytes.</summary>
    public async Task CreateDocumentAsync(string id, int messages = 0, int padding = 0)
    {
        var key = new DocumentKey(Tenant, id);
        var cancellation = TestContext.Current.CancellationToken;
        Assert.True(await Store.CreateDocumentAsync(DocumentCreation.Empty(key, DateTimeOffset.UtcNow), cancellation));
        if (messages == 0)
        {
            return;
        }

        var builder = new DeltaBatchBuilder();
        for (var number = 1; number <= messages; number++)
        {
            builder.AddEncoded(number, Encoding.UTF8.GetBytes(Message(number, padding)));
        }

        var outcome = await Store.AppendAsync(new AppendRequest { Key = key, Deltas = builder.Build() }, cancellation);
        Assert.Equal(AppendOutcome.Appended, outcome);
    }

    /// <summary>The stored form of a message, unusual on purpose: what is served must be these bytes.</summary>
    public static string Message(int number, int padding = 0) =>
        $$"""{"sequenceNumber":{{number}},"type":"op","contents":"\u00e9 é{{new string('x', padding)}}" }""";

    public async Task<string> PostBlobAsync(string token, string text)
    {
        var answer = await ExpectAsync(201, "POST", $"/repos/{Tenant}/git/blobs", token, new JsonObject { ["content"] = text, ["encoding"] = "utf-8" });
        return (string)answer["sha"]!;
    }

    public async Task<string> PostTreeAsync(string token, params (string Path, string Mode, string Sha)[] entries) =>
        (string)(await ExpectAsync(201, "POST", $"/repos/{Tenant}/git/trees", token, TreeBody(null, entries)))["sha"]!;

    public static JsonObject TreeBody(string? baseTree, params (string Path, string Mode, string Sha)[] entries)
    {
        var body = new JsonObject
        {
            ["tree"] = new JsonArray([.. entries.Select(entry => new JsonObject
            {
                ["path"] = entry.Path,
                ["mode"] = entry.Mode,
                ["sha"] = entry.Sha,
                ["type"] = entry.Mode == "040000" ? "tree" : "blob",
            })]),
        };
        if (baseTree is not null)
        {
            body["base_tree"] = baseTree;
        }

        return body;
    }

    public async Task<string> PostCommitAsync(string token, string tree, string message, params string[] parents)
    {
        var body = new JsonObject
        {
            ["message"] = message,
            ["tree"] = tree,
            ["parents"] = new JsonArray([.. parents.Select(parent => JsonValue.Create(parent))]),
            ["author"] = new JsonObject { ["name"] = "Ann", ["email"] = "ann@example.org", ["date"] = "2026-03-01T12:00:00Z" },
        };
        return (string)(await ExpectAsync(201, "POST", $"/repos/{Tenant}/git/commits", token, body))["sha"]!;
    }

    private Tenant Acme => new(Tenant, Tenant, Secret, Secret);

    private static string Mint(Tenant tenant, string document, params string[] scopes) => new TokenMinter(TimeProvider.System)
        .Mint(tenant, document, TokenUser.Create("ann", "Ann"), scopes.Length == 0 ? RoleScopes.FullAccess : scopes);
}
