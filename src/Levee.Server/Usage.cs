namespace Levee.Server;

internal static class Usage
{
    public const string Text = """
        Levee: a Fluid service that you can run yourself.

          --urls URL[;URL]        where to listen         (default port 4000 or PORT; in Development on localhost only)
          --data DIR              where to keep documents (default ./levee-data)
          --environment NAME      Development or Production (default Production)
          --Levee:SECTION:KEY=V   any other setting; README.md lists them

        Outside Development there are no built-in tenants: set LEVEE_TENANT_ID and LEVEE_TENANT_KEY.
        """;
}
