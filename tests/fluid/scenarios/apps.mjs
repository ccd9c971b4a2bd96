// What apps use: AzureClient's two modes with its audience service, and TinyliciousClient.
import { converged } from "../lib/document.mjs";
import { readOnly } from "../lib/tokens.mjs";
import { loadsFrom } from "./summaries.mjs";

/** The audience service of AzureClient: who is there, by user, with their connections. */
export async function audience(t) {
  const ann = await t.client("ann").create();
  const { audience: here } = ann.services;
  const [added, removed] = [[], []];
  here.on("memberAdded", (clientId, member) => added.push([clientId, member.id]));
  here.on("memberRemoved", (clientId, member) => removed.push([clientId, member.id]));
  await t.until("ann to know herself", () => here.getMyself()?.id === "ann");
  t.same({ colour: "ann's" }, here.getMyself().additionalDetails, "the details that her token gives");

  const bob = await t.client("bob").load(ann.id);
  const again = await t.client("bob").load(ann.id);
  const cleo = await t.client("cleo", { token: () => ({ scopes: readOnly }) }).load(ann.id);
  await t.until("three people in four connections", () => here.getMembers().size === 3 && here.getMembers().get("bob")?.connections.length === 2);
  t.same([bob.clientId, again.clientId].sort(), here.getMembers().get("bob").connections.map(({ id }) => id).sort(), "bob's connections");
  t.same(["read"], here.getMembers().get("cleo").connections.map(({ mode }) => mode), "the mode of who may only read");
  const id = cleo.clientId;
  cleo.dispose();
  again.dispose();
  await t.until("ann to see cleo and one bob leave", () => here.getMembers().size === 2 && here.getMembers().get("bob").connections.length === 1);
  await t.until("the events", () => added.some(([, who]) => who === "cleo") && removed.some(([client, who]) => who === "cleo" && client === id));
}

/** AzureClient in remote mode: discovery, summaries uploaded whole, unchanged parts by their handles, versions. */
export async function remote(t) {
  const proxy = await t.proxy();
  const runtimeOptions = t.summaries();
  const client = t.client("ann", { runtimeOptions, server: proxy.url, connection: "remote" });
  const ann = await client.create((document) => {
    document.set("a", 1);
    document.insert(0, "text that stays");
    document.notes.insertAtEnd({ by: "ann", text: "note that stays" });
  });
  const requests = (method, path) => proxy.requests.filter((request) => request.method === method && path.test(request.path));
  t.check(requests("GET", /^\/documents\/[^/]+\/session\/[^/]+$/).length > 0 || requests("POST", /^\/documents\//)[0].body.includes('"enableDiscovery":true'),
    "the client asked where the document lives");
  const bob = await t.client("bob", { connection: "remote", runtimeOptions: t.noSummaries() }).load(ann.id);
  t.same(ann.state(), bob.state(), "what was attached and what was loaded");

  const accepted = [];
  for (let round = 1; round <= 3; round++) {
    for (let n = 0; n < 25; n++) ann.set(`${n}`, round);
    await t.until("ann to be saved", () => ann.saved);
    const last = ann.ops.findLast(({ type }) => type === "op").sequenceNumber;
    accepted.push(await t.until(() => `a summary of round ${round}`, () => ann.summaries().find(({ of }) => of >= last)));
    t.step("accepted", { round, of: accepted.at(-1).of });
  }

  const uploads = requests("POST", /\/git\/summaries$/).map(({ body }) => JSON.parse(body));
  t.check(uploads.length >= 3, `summaries were uploaded whole, ${uploads.length}`);
  t.same(0, requests("POST", /\/git\/trees$/).length, "how many trees were uploaded by themselves");
  const unchanged = handles(uploads.at(-1));
  for (const part of [ann.parts.text, ann.container.initialObjects.notes]) {
    t.check(unchanged.some((id) => id.endsWith(`/.channels/${part.id}`)), `${part.id}, which did not change, is named: ${unchanged}`);
  }

  t.check(unchanged.every((id) => id.startsWith(`${accepted.at(-2).handle}/.app/`)), `by their places in the summary before: ${unchanged}`);
  t.check(!unchanged.some((id) => id.endsWith(`/.channels/${ann.parts.map.id}`)), "the map, which did change, is not named");

  const { fresh } = await loadsFrom(t, accepted.at(-1), [ann, bob], { connection: "remote" });
  t.same("text that stays", fresh.state().text, "the text that was named by its handle");

  const ids = (await client.azure.getContainerVersions(ann.id, { maxCount: 20 })).map(({ id }) => id);
  for (const [n, { handle }] of accepted.entries()) {
    t.check(ids.includes(handle), `accepted summary ${n + 1} is a version`);
    t.same(n + 1, (await client.view(ann.id, { id: handle })).get("0"), `the round in version ${n + 1}`);
  }

  // Local mode reads trees and blobs one by one, and knows one tenant only.
  if (t.tenant !== "local") return;
  await loadsFrom(t, accepted.at(-1), [ann, bob]);
}

const handles = ({ entries }) => entries.flatMap((entry) => (entry.value?.entries ? handles(entry.value) : entry.id ? [entry.id] : []));

/** TinyliciousClient on a port of this machine, with nothing else configured. */
export async function tinylicious(t) {
  const { TinyliciousClient, parts, schema } = await import("../v2/tinylicious.mjs");
  const port = Number(new URL(t.server).port);
  const open = () => new TinyliciousClient({ connection: { port } });
  const { container, services } = await open().createContainer(schema, "2");
  const ann = parts(container, { isNew: true });
  ann.map.set("a", 1);
  ann.text.insertText(0, "hello");
  ann.notes.root.insertAtEnd({ by: "ann", text: "first" });
  const id = await container.attach();
  const loaded = await open().getContainer(id, schema, "2");
  const bob = parts(loaded.container, { isNew: false });
  t.same("hello", bob.text.getText(), "the text as loaded");
  bob.map.set("b", 2);
  bob.text.insertText(5, ", world");
  bob.notes.root.insertAtEnd({ by: "bob", text: "second" });
  await t.until("ann to see bob's edits", () =>
    ann.map.get("b") === 2 && ann.text.getText() === "hello, world" && ann.notes.root.length === 2);
  t.same(["first", "second"], [...ann.notes.root].map(({ text }) => text), "the notes");
  await t.until("both to see both", () =>
    services.audience.getMembers().size === 2 && loaded.services.audience.getMembers().size === 2);
  loaded.container.dispose();
  await t.until("ann to be alone", () => services.audience.getMembers().size === 1);
}
