using System.Collections.Concurrent;
using Levee.Faults.Record;

namespace Levee.Faults.Clients;

/// <summary>Creates documents while the server is killed: each one that the server said it made must be there, with its summary, ever after.</summary>
internal sealed class DocumentMaker(RunState run)
{
    private const int Latest = 2;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(150);

    private readonly ConcurrentStack<string> _made = [];

    /// <summary>How many the server said it made.</summary>
    public int Created => _made.Count;

    /// <summary>Runs until it is told to stop.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        for (var i = 0; !cancellationToken.IsCancellationRequested; i++)
        {
            try
            {
                await NewDocument.CreateAsync(run.Api, $"made-{i}", i % 2 == 0 ? RestClientKind.Levee : RestClientKind.Fluid, cancellationToken);
                _made.Push($"made-{i}");
            }
            catch (ViolationException e)
            {
                run.Violations.Report(e.Message);
            }
            catch (Exception e) when (Broken.Is(e) && !cancellationToken.IsCancellationRequested)
            {
                // The server was gone before it answered: this one may be there or not, and nobody asks.
                continue;
            }
            catch (OperationCanceledException)
            {
                return;
            }
            finally
            {
                await Task.WhenAny(Task.Delay(Pause, cancellationToken));
            }
        }
    }

    /// <summary>Looks after the last ones.</summary>
    public async Task VerifyAsync(CancellationToken cancellationToken)
    {
        foreach (var id in _made.Take(Latest))
        {
            await run.Api.GetAsync($"/documents/{ServerApi.Tenant}/{id}", id, RestClientKind.Levee, cancellationToken);
            var summary = new SummaryLoad(run.Api, id);
            var (commit, reference) = await summary.ReadHeadAsync(cancellationToken);
            if (commit != reference)
            {
                throw new ViolationException($"{id}: the head is {commit}, and the ref {reference}");
            }

            await summary.RequireInitialAsync(commit, cancellationToken);
        }
    }
}
