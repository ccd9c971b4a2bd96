// Runs one scenario with one generation of Microsoft's clients against a server:
//   node run.mjs GENERATION SCENARIO SERVER_URL TENANT KEY [ARGUMENT...]
// It prints a line of JSON for each step and exits with 0 only when all that was asserted held.
import { check, Failure, same, until, waitedFor, within } from "./lib/waiting.mjs";
import { startProxy } from "./lib/proxy.mjs";
import { readLines } from "./lib/lines.mjs";

const [generationName, scenarioName, server, tenant, key, ...args] = process.argv.slice(2);
const patience = 110_000;
const started = Date.now();
// Summaries as soon as there is something to summarize, instead of after minutes.
const often = {
  state: "enabled", minIdleTime: 100, maxIdleTime: 100, maxTime: 2000, maxOps: 20, minOpsForLastSummaryAttempt: 1,
  initialSummarizerDelayMs: 0, maxAckWaitTime: 30_000, nonRuntimeHeuristicThreshold: 1000,
};
const print = (step, more = {}) => console.log(JSON.stringify({ step, ms: Date.now() - started, ...more }));

function end(error) {
  if (error) {
    console.error(error instanceof Failure ? `${error.message}\n${error.stack}` : error);
    print("failed", { why: String(error?.message ?? error) });
  } else {
    print("done");
  }

  // What the clients' packages still have running is not waited for; what was printed is: a pipe takes 64 KiB at a time.
  process.stdout.write("", () => process.exit(error ? 1 : 0));
}

// Browsers and Node 21 have one, and the runtime reads it.
globalThis.navigator ??= { userAgent: "node" };

setTimeout(() => end(new Failure(`not at its end in time; waited for: ${waitedFor().join("; ") || "nothing"}`)), patience).unref();
process.on("unhandledRejection", end);
process.on("uncaughtException", end);
// Packages log what they swallow; a scenario's own lines are those of JSON.
console.log = ((log) => (...words) => (words.length === 1 && String(words[0]).startsWith("{") ? log(words[0]) : console.error(...words)))(console.log);

try {
  const generation = await import(`./${generationName}/generation.mjs`);
  const [file, name] = scenarioName.split("/");
  const scenario = (await import(`./scenarios/${file}.mjs`))[name ?? "default"];
  const closing = [];
  const t = {
    server, tenant, key, args, generation, has: generation.has, check, same, until, within, print,
    step: (what, more) => print(what, more),
    lines: readLines(process.stdin),
    client: (user, options = {}) => {
      const client = generation.client({ server, tenant, key, user, ...options });
      const [create, load] = [client.create.bind(client), client.load.bind(client)];
      // Clients try again for ever where nobody answers.
      client.create = (...given) => within(`${user} to create a document`, create(...given), 40);
      client.load = (...given) => within(`${user} to load the document`, load(...given), 40);
      return client;
    },
    summaries: (overrides = {}) => generation.summarizing({ ...often, ...overrides }),
    noSummaries: () => generation.summarizing({ state: "disabled" }),
    proxy: async (options) => {
      const proxy = await startProxy(server, options);
      closing.push(() => proxy.close());
      return proxy;
    },
  };
  print("begun", { generation: generationName, scenario: scenarioName });
  await scenario(t);
  closing.forEach((close) => close());
  end();
} catch (error) {
  end(error);
}
