// Connections that break, and clients that come back.
import { converged } from "../lib/document.mjs";
import { turn } from "../lib/waiting.mjs";

const edits = 15;

function edit(t, document, from = 0) {
  for (let n = from; n < from + edits; n++) {
    document.set(`${document.name} ${n}`, n);
    if (t.has.text) document.insert(0, `${document.name} `);
    if (t.has.notes) document.notes.insertAtEnd({ by: document.name, text: `${n}` });
  }
}

function everythingOnce(t, documents, count) {
  for (const document of documents) {
    const { map, text, notes } = document.state();
    for (const { name } of documents) {
      t.same(count, Object.keys(map).filter((key) => key.startsWith(`${name} `)).length, `how many entries are ${name}'s`);
      if (text !== undefined) t.same(count, text.split(name).length - 1, `how often ${name} is in the text`);
      if (notes) t.same(count, notes.filter(({ by }) => by === name).length, `how many notes are ${name}'s`);
    }
  }
}

/** What is edited offline is there for all after reconnecting, once, and what the others did meanwhile too. */
export async function offline(t) {
  const ann = await t.client("ann").create();
  const bob = await t.client("bob").load(ann.id);
  edit(t, ann);
  edit(t, bob);
  await converged([ann, bob]);

  const before = bob.clientId;
  bob.disconnect();
  await t.until("bob to be offline", () => !bob.connected);
  edit(t, bob, edits);
  edit(t, ann, edits);
  await t.until("ann to be saved", () => ann.saved);
  t.check(!bob.saved, "bob has unsaved edits");
  t.check(ann.get(`bob ${edits}`) === undefined, "bob's offline edits have not left");
  bob.connect();
  await converged([ann, bob]);
  t.check(bob.clientId !== before, "bob has another client id");
  everythingOnce(t, [ann, bob], 2 * edits);
}

/** A connection that is cut while ops are on their way: they are neither lost nor doubled. */
export async function cut(t) {
  const proxy = await t.proxy();
  const ann = await t.client("ann").create();
  const bob = await t.client("bob", { server: proxy.url }).load(ann.id);
  const rounds = 3;
  for (let round = 0; round < rounds; round++) {
    edit(t, ann, round * edits);
    edit(t, bob, round * edits);
    await turn();
    const before = bob.clientId;
    proxy.cut();
    await t.until(`bob to be back after cut ${round + 1}`, () => bob.connected && bob.clientId !== before, 60);
    t.step("back", { round });
  }

  await converged([ann, bob]);
  everythingOnce(t, [ann, bob], rounds * edits);
  t.check(proxy.upgrades > rounds, "every cut made another connection");
}

/** The modes in which clients ask to connect: to write at once, or to read until there is something to write. Each is granted what it asked for. */
export async function modes(t) {
  const ann = await t.client("ann", { runtimeOptions: t.noSummaries() }).create();
  const proxy = await t.proxy();
  const bob = await t.client("bob", { server: proxy.url, runtimeOptions: t.noSummaries() }).load(ann.id);
  const expected = [];
  const check = (what, ...more) => {
    expected.push(...more);
    t.same(expected, proxy.events("client", "connect_document").map(({ args }) => args[1].mode), `the modes that were asked for ${what}`);
    t.same(expected, proxy.events("server", "connect_document_success").map(({ args }) => args[1].mode), `the modes that were granted ${what}`);
  };
  const orAlso = (mode) => (mode === "read" ? ["write"] : []);
  check("before anything was written", t.has.connectsTo);
  edit(t, bob);
  edit(t, ann);
  await converged([ann, bob]);
  check("when something was written", ...orAlso(t.has.connectsTo));

  const before = bob.clientId;
  proxy.cut();
  await t.until("bob to be back", () => bob.connected && bob.clientId !== before, 60);
  check("after a cut with nothing unsaved", t.has.reconnectsTo);
  edit(t, bob, edits);
  edit(t, ann, edits);
  await converged([ann, bob]);
  check("when something more was written", ...orAlso(t.has.reconnectsTo));
  everythingOnce(t, [ann, bob], 2 * edits);
  await t.until("ann to see bob as a writer", () => ann.members().find(([id]) => id === bob.clientId)?.[1].mode === "write");
}

/** Behind a proxy that refuses WebSockets a client works by polling. */
export async function polling(t) {
  const proxy = await t.proxy({ refuseUpgrades: true });
  const ann = await t.client("ann").create();
  const bob = await t.client("bob", { server: proxy.url }).load(ann.id);
  edit(t, ann);
  edit(t, bob);
  await converged([ann, bob]);
  everythingOnce(t, [ann, bob], edits);
  t.check(proxy.refusedUpgrades > 0, "the proxy refused a WebSocket");
  t.same(0, proxy.upgrades, "how many WebSockets got through");
  const polls = proxy.requests.filter(({ query }) => query.transport === "polling");
  t.check(polls.some(({ method }) => method === "GET") && polls.some(({ method }) => method === "POST"), "it polled and posted");

  ann.runtime.submitSignal("hello", "bob");
  await t.until("bob to get a signal by polling", () => bob.signals.some(({ type, content }) => type === "hello" && content === "bob"));
  const id = bob.clientId;
  bob.dispose();
  await t.until("ann to see bob leave", () => !ann.runtime.getAudience().getMember(id));
}

/** The server ends and starts again under clients that write. The script says when to do so, and waits until it is told that it is done. */
export async function restart(t) {
  const ann = await t.client("ann").create();
  const documents = [ann, await t.client("bob").load(ann.id), await t.client("cleo").load(ann.id)];
  documents.forEach((document) => edit(t, document));
  await converged(documents);
  const ids = documents.map(({ clientId }) => clientId);

  let [written, stopped] = [0, false];
  const writing = (async () => {
    while (!stopped) {
      documents.forEach((document) => edit(t, document, (written + 1) * edits));
      written++;
      await t.until("a round to be under way", () => stopped || documents.some(({ saved }) => saved));
    }
  })();
  await t.until("some rounds to be written", () => written > 2);
  t.step("READY_FOR_RESTART");
  t.same("stopped", await t.within("the server to be stopped", t.lines(), 60), "what the script is told");
  await t.until("all to have lost their connection", () => documents.every(({ connected }) => !connected));
  stopped = true;
  await writing;
  documents.forEach((document) => edit(t, document, (written + 1) * edits));
  written++;
  t.step("READY_FOR_START", { written });
  t.same("started", await t.within("the server to be started", t.lines(), 60), "what the script is told");

  await converged(documents, 90);
  everythingOnce(t, documents, (written + 1) * edits);
  documents.forEach((document, n) => {
    t.check(document.clientId !== ids[n], `${document.name} has another client id`);
    const numbers = document.ops.map(({ sequenceNumber }) => sequenceNumber);
    t.same(Array.from(numbers, (_, at) => numbers[0] + at), numbers, `the numbers that ${document.name} saw`);
  });
  const late = await t.client("dan").load(ann.id);
  await converged([...documents, late]);
  t.same(ann.state(), late.state(), "what a late client loads");
}
