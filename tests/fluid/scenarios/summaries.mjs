// Summaries by the elected client, and what is read instead of ops.
import { converged } from "../lib/document.mjs";

function write(t, document, count, prefix = "") {
  for (let n = 0; n < count; n++) {
    document.set(`${prefix}${n}`, `${n} of ${document.name}`);
    if (t.has.text) document.insert(document.length, `${n} `);
    if (t.has.notes) document.notes.insertAtEnd({ by: document.name, text: `${n}` });
  }
}

/** Waits until all is saved. Returns the number of the last edit. */
async function saved(t, document) {
  await t.until(`${document.name} to be saved`, () => document.saved);
  return document.ops.findLast(({ type, clientId }) => type === "op" && clientId === document.clientId).sequenceNumber;
}

/** The first accepted summary of everything up to a number. */
const summarized = (t, document, least, already = 0) => t.until(
  () => `a summary of everything up to ${least}; ${document.name} knows ${JSON.stringify(document.summaries().map(({ of, at }) => ({ of, at })))}`,
  () => document.summaries().slice(already).find(({ of }) => of >= least), 60);

/** A fresh client loads from the newest summary, asks for no op below it, and holds what the others hold. */
export async function loadsFrom(t, summary, others, options = {}) {
  const proxy = await t.proxy();
  const fresh = await t.client("fresh", { server: proxy.url, runtimeOptions: t.noSummaries(), ...options }).load(others[0].id);
  await converged([...others, fresh]);
  others.forEach((other) => t.same(other.state(), fresh.state(), `what ${fresh.name} loaded, against ${other.name}`));
  const pages = proxy.requests.filter(({ path }) => path.startsWith("/deltas/"));
  pages.forEach(({ query }) => t.check(Number(query.from) >= summary.of, `no op below the summary of ${summary.of} is asked for: ${JSON.stringify(query)}`));
  t.check(fresh.ops.length > 0 && fresh.ops.every(({ sequenceNumber }) => sequenceNumber > summary.of),
    `no op up to ${summary.of} was processed: ${fresh.ops.slice(0, 3).map(({ sequenceNumber }) => sequenceNumber)}`);
  return { fresh, proxy };
}

/** The elected client summarizes, the server accepts, and again with most parts unchanged. */
export async function accepted(t) {
  const proxy = await t.proxy();
  const ann = await t.client("ann", { server: proxy.url, runtimeOptions: t.summaries() }).create((document) => write(t, document, 3, "initial "));
  write(t, ann, 30);
  const first = await summarized(t, ann, await saved(t, ann));
  t.step("accepted", { of: first.of, at: first.at });
  t.check(first.by !== ann.clientId, "the summarizer is a client of its own");
  const newest = () => ann.summaries().at(-1);
  const { fresh } = await loadsFrom(t, first, [ann]);
  fresh.dispose();

  // Only the map changes from here on: the other parts are named, not sent again.
  const [before, sent] = [ann.summaries().length, proxy.requests.length];
  for (let n = 0; n < 30; n++) ann.set("second", n);
  const second = await summarized(t, ann, await saved(t, ann), before);
  t.check(second.handle !== first.handle, "another summary has another id");
  t.check(second.of > first.of, "the second summary is of more");
  t.step("accepted again", { of: second.of, at: second.at });
  const made = ann.ops.filter(({ type, sequenceNumber }) => type === "summarize" && sequenceNumber > first.at).length;
  namesTheRest(t, ann, uploaded(proxy.requests.slice(0, sent)), uploaded(proxy.requests.slice(sent)), made);
  await loadsFrom(t, newest(), [ann]);
}

/** The blobs' contents and the trees' entries that were uploaded one by one. */
function uploaded(requests) {
  const bodies = (what) => requests.filter(({ method, path }) => method === "POST" && path.endsWith(`/git/${what}`)).map(({ body }) => JSON.parse(body));
  return { blobs: bodies("blobs").map(({ content }) => content), trees: bodies("trees").map(({ tree }) => tree) };
}

/** Later summaries of a document of which only the map has changed send its map, what the runtime says of itself, and the trees above. */
function namesTheRest(t, document, first, later, summaries) {
  t.step("uploaded", { summaries, first: [first.blobs.length, first.trees.length], later: [later.blobs.length, later.trees.length] });
  t.check(first.blobs.some((content) => content.includes("0 1 2 ") || content.includes("levee.tests.Notes")), "the first summary sent the other parts");
  t.check(later.blobs.length > 0 && later.blobs.length <= 3 * summaries, `a later summary sends few blobs, ${later.blobs.length}`);
  t.check(later.trees.length > 0 && later.trees.length <= 6 * summaries, `a later summary sends few trees, ${later.trees.length}`);
  t.check(!later.blobs.some((content) => content.includes("0 1 2 ") || content.includes("levee.tests.Notes")), "a later summary sends no other part again");
  const parts = ({ trees }) => Object.fromEntries(trees.findLast((tree) => tree.some(({ path }) => path === "root")).map(({ path, sha }) => [path, sha]));
  const { [document.parts.map.id]: mapWas, ...named } = parts(first);
  const { [document.parts.map.id]: map, ...namedAgain } = parts(later);
  t.same(named, namedAgain, "the objects of the parts that did not change");
  t.check(Object.keys(named).length === 1 + t.has.text + t.has.notes && map !== mapWas, "those are all parts but the map");
}

/** When the client that summarizes leaves, another one takes over. */
export async function handOver(t) {
  const runtimeOptions = t.summaries();
  const [anns, bobs] = [await t.proxy(), await t.proxy()];
  const ann = await t.client("ann", { runtimeOptions, server: anns.url }).create();
  ann.set("first", true);
  await t.until("ann to be a writer", () => ann.saved && ann.runtime.getQuorum().getMembers().has(ann.clientId));
  const bob = await t.client("bob", { runtimeOptions, server: bobs.url }).load(ann.id);
  write(t, ann, 25);
  write(t, bob, 25, "bob's ");
  await converged([ann, bob]);
  const first = await summarized(t, bob, await saved(t, bob));
  const proposed = (proxy) => proxy.events("client", "submitOp").filter(({ text }) => text.includes('"type":"summarize"')).length;
  t.check(proposed(anns) > 0, "the first summary was made by ann's side");
  t.same(0, proposed(bobs), "how often bob's side proposed a summary while ann was there");
  t.step("accepted", { of: first.of });

  ann.dispose();
  await t.until("bob to see ann leave", () => bob.members().every(([, client]) => client.user.id !== "ann"));
  const before = bob.summaries().length;
  write(t, bob, 40, "later ");
  const second = await summarized(t, bob, await saved(t, bob), before);
  t.check(proposed(bobs) > 0, "the next summary was made by bob's side");
  t.step("handed over", { of: second.of });
  await loadsFrom(t, bob.summaries().at(-1), [bob]);
}

/** Attachment blobs are read by others, before a summary and after it. */
export async function blobs(t) {
  const runtimeOptions = t.summaries();
  const bytes = Uint8Array.from({ length: 70_000 }, (_, n) => (n * 7919) & 0xff);
  const ann = await t.client("ann", { runtimeOptions }).create();
  const bob = await t.client("bob", { runtimeOptions }).load(ann.id);
  const handle = await t.within("the blob to be taken", ann.runtime.uploadBlob(bytes.buffer.slice(0)));
  ann.set("blob", handle);
  ann.set("empty", await ann.runtime.uploadBlob(new Uint8Array(0).buffer));
  const blob = async (document, key) => {
    await t.until(`${document.name} to have ${key}`, () => document.get(key));
    return [...new Uint8Array(await t.within(`${document.name} to read ${key}`, document.get(key).get()))];
  };
  t.same([...bytes], await blob(bob, "blob"), "the blob that bob reads");
  t.same([], await blob(bob, "empty"), "the empty blob that bob reads");

  write(t, ann, 30);
  const summary = await summarized(t, ann, await saved(t, ann));
  const { fresh } = await loadsFrom(t, summary, [ann]);
  t.same([...bytes], await blob(fresh, "blob"), "the blob that a client reads which loaded from a summary");
  t.same([], await blob(fresh, "empty"), "the empty blob that it reads");
}

/** Values that no single frame could hold travel compressed, or in pieces. */
export async function payloads(t) {
  const runtimeOptions = { ...t.noSummaries(), ...t.generation.largePayloads };
  const proxy = await t.proxy();
  const ann = await t.client("ann", { runtimeOptions, server: proxy.url }).create();
  const bob = await t.client("bob", { runtimeOptions }).load(ann.id);
  const compressible = "Levee ".repeat(500_000);
  ann.set("compressible", compressible);
  await t.until("bob to have 3 MB that compress well", () => bob.get("compressible") === compressible, 60);
  await t.until("ann to be saved", () => ann.saved);

  let seed = 1;
  const noise = Array.from({ length: 1_500_000 }, () => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
    return String.fromCharCode(33 + ((seed >> 16) % 90));
  }).join("");
  ann.set("noise", noise);
  await t.until("bob to have 1.5 MB that do not compress", () => bob.get("noise") === noise, 60);
  await converged([ann, bob]);
  const sent = proxy.events("client", "submitOp").flatMap(({ args }) => args[2].flat());
  t.check(sent.some(({ compression }) => compression === "lz4") || sent.some(({ contents }) => contents?.includes("lz4")), "something was sent compressed");
  t.check(sent.filter(({ contents }) => contents?.includes("chunkedOp")).length > 2, "something was sent in pieces");
  const late = await t.client("cleo", { runtimeOptions }).load(ann.id);
  await converged([ann, bob, late]);
  t.check(late.get("noise") === noise && late.get("compressible") === compressible, "a client that loads later has both");
}

/** Every accepted summary is a version that can be listed and looked at. */
export async function versions(t) {
  const runtimeOptions = t.summaries();
  const client = t.client("ann", { runtimeOptions });
  const ann = await client.create((document) => document.set("round", 0));
  const accepted = [];
  for (let round = 1; round <= 3; round++) {
    const before = ann.summaries().length;
    for (let n = 0; n < 25; n++) ann.set(`filler ${n}`, round);
    ann.set("round", round);
    accepted.push(await summarized(t, ann, await saved(t, ann), before));
    t.step("accepted", { round, of: accepted.at(-1).of });
  }

  const all = await client.versions(ann, 50);
  const ids = all.map(({ id }) => id);
  t.same(ids.length, new Set(ids).size, "how many different versions there are");
  const places = accepted.map(({ handle }) => ids.indexOf(handle));
  t.check(places.every((place) => place >= 0), `each accepted summary is a version: ${places}`);
  t.check(places[0] > places[1] && places[1] > places[2], `the newest version comes first: ${places}`);
  t.check(all.every(({ date }) => Number.isFinite(Date.parse(date)) && Math.abs(Date.parse(date) - Date.now()) < 600_000), "each version has its date");
  t.same(ids.slice(0, 2), (await client.versions(ann, 2)).map(({ id }) => id), "the two newest versions");
  if (client.azure) t.check((await client.azure.getContainerVersions(ann.id)).length <= 5, "at most five versions when no number is given");

  for (const [n, { handle }] of accepted.entries()) {
    const version = await client.view(ann.id, all.find(({ id }) => id === handle));
    t.same(n + 1, version.get("round"), `the round in version ${n + 1}`);
  }

  const oldest = await client.view(ann.id, all.at(-1));
  t.same(0, oldest.get("round"), "the round in the oldest version, what was attached");
}

/** Who loads an older version and connects has processed each op of after it, and none of before: it holds what the others hold. */
export async function fromOlder(t) {
  const ann = await t.client("ann", { runtimeOptions: t.summaries() }).create((document) => write(t, document, 3, "initial "));
  write(t, ann, 25);
  const first = await summarized(t, ann, await saved(t, ann));
  const before = ann.summaries().length;
  write(t, ann, 25, "more ");
  const second = await summarized(t, ann, await saved(t, ann), before);
  t.check(second.of > first.of, "the second summary is of more");
  const fresh = await t.client("fresh", { runtimeOptions: t.noSummaries() }).load(ann.id, { version: first.handle });
  await converged([ann, fresh]);
  t.same(ann.state(), fresh.state(), "what a client holds that began at the older version");
  const numbers = fresh.ops.map(({ sequenceNumber }) => sequenceNumber);
  t.same(Array.from({ length: fresh.lastSequenceNumber - first.of }, (_, n) => first.of + 1 + n), numbers, "the numbers that it saw");
}
