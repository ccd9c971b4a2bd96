using System.Text;
using Levee.Fuzz.Generation;

namespace Levee.Fuzz.Dialects;

/// <summary>Puts a request into a form, as routerlicious drivers do, and spoils the form.</summary>
internal static class RestLessForm
{
    private static readonly string[] Types =
    [
        "application/x-www-form-urlencoded;restless", "application/x-www-form-urlencoded; restless", "APPLICATION/X-WWW-FORM-URLENCODED;RestLess;x",
    ];

    private static readonly string[] OddFields =
    [
        "method=", "method=GET", "method=CONNECT", "method=%00", "method", "header=", "header=a", "header=a%3A+b", "header=Host%3A+x", "header=Content-Length%3A+5",
        "header=Transfer-Encoding%3A+chunked", "header=Authorization%3A+%0d%0ax", "header=%ff%3A+x", "header=Content-Type%3A+%00", "x=y", "=", "&", "%", "%zz=1", "body={}", "body=%",
    ];

    internal static RestRequest Wrap(RestRequest request, Random random)
    {
        var fields = new List<string> { $"method={request.Method}" };
        fields.AddRange(request.Headers.Select(header => $"header={Encode(Encoding.UTF8.GetBytes(header))}"));
        while (random.Next(6) == 0)
        {
            fields.Insert(random.Next(fields.Count + 1), OddFields[random.Next(OddFields.Length)]);
        }

        if (random.Next(100) == 0)
        {
            fields.InsertRange(0, Enumerable.Repeat("header=x-driver-version%3A+1", random.Next(20, 60)));
        }

        if (request.Body.Length > 0)
        {
            fields.Insert(random.Next(12) == 0 ? random.Next(fields.Count + 1) : fields.Count, $"body={Encode(request.Body)}");
        }

        var form = Encoding.ASCII.GetBytes(string.Join('&', fields));
        return new RestRequest("POST", request.Target, random.Next(10) == 0 ? ByteMutation.Apply(form, random) : form)
        {
            Headers = [$"Content-Type: {Types[random.Next(Types.Length)]}"],
        };
    }

    private static string Encode(byte[] bytes)
    {
        var text = new StringBuilder(bytes.Length * 2);
        foreach (var one in bytes)
        {
            text.Append(char.IsAsciiLetterOrDigit((char)one) ? ((char)one).ToString() : one == ' ' ? "+" : $"%{one:X2}");
        }

        return text.ToString();
    }
}
