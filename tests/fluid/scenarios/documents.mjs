// Creating, loading, and editing at once.
import { converged } from "../lib/document.mjs";
import { turn } from "../lib/waiting.mjs";

// By nobody who edits later.
const fill = (t) => (document) => {
  document.set("title", "Größe 😀 \u2028");
  document.set("list", [1, 2.5, null, { deep: true }]);
  if (t.has.text) document.insert(0, "hello");
  if (t.has.notes) document.notes.insertAtEnd({ by: "author", text: "first" });
};

/** What is put in before attaching is what a second client loads; then each sees the other's edits. */
export async function create(t) {
  const ann = await t.client("ann").create(fill(t));
  t.check(ann.id.length > 0, "the server gave the document an id");
  const bob = await t.client("bob").load(ann.id);
  t.same(ann.state(), bob.state(), "what was attached and what was loaded");
  t.same({ title: "Größe 😀 \u2028", list: [1, 2.5, null, { deep: true }] }, bob.state().map, "the map as loaded");
  t.step("loaded", { id: ann.id });

  bob.set("by bob", 1);
  if (t.has.text) bob.insert(5, ", world");
  if (t.has.notes) bob.notes.insertAtEnd({ by: "bob", text: "second" });
  await t.until("ann to see what bob set", () => ann.get("by bob") === 1);
  ann.set("by ann", 2);
  await t.until("bob to see what ann set", () => bob.get("by ann") === 2);
  await converged([ann, bob]);
  if (t.has.text) t.same("hello, world", ann.state().text, "the text");
  if (t.has.notes) t.same(["first", "second"], ann.state().notes.map(({ text }) => text), "the notes");

  const other = await t.client("ann").create();
  t.check(other.id !== ann.id, "another document has another id");
  t.same({}, other.state().map, "another document is empty");
}

const rounds = 80;

/** Three clients edit the same places at the same time; at the end all hold the same, and nothing was lost or doubled. */
export async function converge(t) {
  const ann = await t.client("ann").create(fill(t));
  const documents = [ann, await t.client("bob").load(ann.id), await t.client("cleo").load(ann.id)];
  await Promise.all(documents.map((document) => edit(t, document)));
  await converged(documents);
  t.step("converged", { at: ann.lastSequenceNumber });

  for (const document of documents) {
    t.same(documents[0].state(), document.state(), `what ${document.name} holds`);
    const { map, text, notes } = document.state();
    for (const { name } of documents) {
      t.same([...Array(rounds).keys()], map[`${name}s`], `the last list that ${name} set`);
      if (text) t.same(rounds, text.split(name).length - 1, `how often ${name} is in the text`);
      if (notes) {
        t.same(Array.from({ length: rounds }, (_, n) => `${n}`), notes.filter(({ by }) => by === name).map(({ text: n }) => n),
          `${name}'s notes in their order`);
      }
    }
  }

  t.check(new Set(ann.ops.filter(({ type }) => type === "op").map(({ clientId }) => clientId)).size === 3, "three clients wrote");
  const late = await t.client("dan").load(ann.id);
  await converged([...documents, late]);
  t.same(ann.state(), late.state(), "what a late client loads");
}

async function edit(t, document) {
  const list = [];
  for (let n = 0; n < rounds; n++) {
    list.push(n);
    document.set(`${document.name}s`, [...list]);
    document.set("fought over", `${document.name} ${n}`);
    // Whole words, inserted and never split: the positions are those between words.
    if (t.has.text) document.insert(n % 2 === 0 ? 0 : document.length, `${document.name} `);
    if (t.has.notes) document.notes.insertAtEnd({ by: document.name, text: `${n}` });
    await turn();
    if (n % 10 === 9) await t.until(`${document.name} to be saved`, () => document.saved);
  }
}

/** Who loads after five thousand ops without a summary has seen every one of them. */
export async function late(t) {
  const ops = 5000;
  const runtimeOptions = t.noSummaries();
  const ann = await t.client("ann", { runtimeOptions }).create();
  for (let n = 0; n < ops; n++) {
    ann.set(`key ${n % 1000}`, n);
    // One op per turn: edits of one turn travel as one op.
    await turn();
    // What waits for a connection is sent as one batch, which the clients of 2023 refuse to make too large.
    if (n % 1000 === 0) await t.until("ann's ops to be saved", () => ann.saved);
  }

  await t.until("ann's ops to be saved", () => ann.saved);
  t.step("written", { at: ann.lastSequenceNumber });
  t.check(ann.lastSequenceNumber > ops, `there are more than ${ops} ops`);

  const proxy = await t.proxy();
  const bob = await t.client("bob", { runtimeOptions, server: proxy.url }).load(ann.id);
  await converged([ann, bob]);
  t.same(ann.state(), bob.state(), "what the late client holds");
  t.same(Array.from({ length: bob.lastSequenceNumber }, (_, n) => n + 1), bob.ops.map(({ sequenceNumber }) => sequenceNumber),
    "the numbers that the late client saw");
  bob.set("after", "all");
  await t.until("ann to see what the late client set", () => ann.get("after") === "all");
  const pages = proxy.requests.filter(({ path }) => path.startsWith("/deltas/"));
  t.check(pages.length >= 3, `the ops came in pages, ${pages.length}`);
}
