// Stock containers beside clients without a runtime: nothing that those may send ends a container.
import { sign } from "../lib/tokens.mjs";

const local = "local";
const tinylicious = { tenant: "tinylicious", key: "12345" };

/** Users without a name, and with one that is no text. */
const users = [{ id: "bob" }, { id: "cleo", name: 1 }];

/** Texts that are no envelope of a stock runtime's signal, or a strange one. */
const texts = ["not json", '{"contents":null}', '{"address":1,"contents":{}}', "null", "[]", '"text"', ""];

const envelope = (content) => JSON.stringify({ contents: { type: "hello", content }, clientBroadcastSignalSequenceNumber: 1 });

/** AzureClient's containers bear users without a proper name, in their audience and in the history that others load. */
export const namelessToAzure = async (t) => nameless(t, await azure(t));

/** TinyliciousClient's do. */
export const namelessToTinylicious = async (t) => nameless(t, await tiny(t));

/** AzureClient's containers bear signals that no stock runtime sends. */
export const signalsToAzure = async (t) => signals(t, await azure(t));

/** TinyliciousClient's do. */
export const signalsToTinylicious = async (t) => signals(t, await tiny(t));

async function nameless(t, ann) {
  const { socketIo, phoenix } = await import("../v2/raw.mjs");
  // The stock driver's record of an interactive client, and the least that the other protocol lets through.
  const details = { details: { capabilities: { interactive: true } }, permission: [], scopes: [], user: { id: "" } };
  const strangers = [];
  for (const user of users) {
    for (const mode of ["write", "read"]) {
      for (const [open, client] of [[socketIo, { ...details, mode }], [phoenix, {}]]) {
        const token = sign(ann.at, { document: ann.id, claims: { user } });
        const stranger = await t.within(`${user.id} to join by ${open.name} to ${mode}`,
          open({ server: t.server, tenant: ann.at.tenant, id: ann.id, token, mode, client }));
        t.same(mode, stranger.connected.mode, "the granted mode");
        strangers.push({ stranger, user, mode });
        await t.until(`ann to see ${strangers.length} strangers`, () => ann.disposed() || connections(ann.audience).length === 1 + strangers.length);
        t.same(undefined, ann.disposed(), "why ann's container was disposed");
      }
    }
  }

  const seen = (audience) => Object.fromEntries([...audience.getMembers()].map(([id, { connections: all }]) => [id, all.length]));
  t.same({ [ann.user()]: 1, bob: 4, cleo: 4 }, seen(ann.audience), "who is there and with how many connections, for ann");
  for (const { stranger, user, mode } of strangers) {
    t.same(undefined, stranger.error, "what went wrong for a stranger");
    const member = ann.audience.getMembers().get(user.id);
    t.check(member.connections.some((one) => one.id === stranger.connected.clientId && one.mode === mode), `${user.id}'s connection to ${mode}`);
    t.same(user.id, member.name, `the name that ${user.id} has for want of one`);
  }

  await loads(t, ann, (audience) => audience.getMembers().get("bob")?.connections.length === 4 && audience.getMembers().get("cleo")?.connections.length === 4);
  strangers.forEach(({ stranger }) => stranger.close());
  await t.until("ann to be alone", () => ann.disposed() || connections(ann.audience).length === 1);
  // Their joins are in the document's history now, for ever.
  await loads(t, ann, (audience) => audience.getMembers().size > 0);
}

async function signals(t, ann) {
  const { socketIo } = await import("../v2/raw.mjs");
  const client = { details: { capabilities: { interactive: true } }, permission: [], scopes: [], user: { id: "" }, mode: "write" };
  const open = (user, signals2) => {
    const token = sign(ann.at, { document: ann.id, user });
    return t.within(`${user} to join`, socketIo({ server: t.server, tenant: ann.at.tenant, id: ann.id, token, mode: "write", client, signals2 }));
  };
  const [newer, older] = [await open("newer", true), await open("older", false)];
  const heard = (content) => ann.signals.filter((signal) => signal.type === "hello" && signal.content === content).length;
  const bad = [
    ...texts.map((text) => [newer, "2", text, [{ content: text }]]),
    ...["1", ...texts].map((text) => [older, "1", text, [[text]]]),
  ];
  for (const [n, [stranger, version, text, batch]] of bad.entries()) {
    const what = `${JSON.stringify(text)} of version ${version}`;
    stranger.signal(batch);
    stranger.signal(version === "2" ? [{ content: envelope(n) }] : [[envelope(n)]]);
    await t.until(`the good signal that follows ${what}`, () => ann.disposed() || heard(n) === 1);
    t.same(undefined, ann.disposed(), `why ann's container was disposed after ${what}`);
    t.same(undefined, stranger.error, `what went wrong for who sent ${what}`);
  }

  await loads(t, ann, (audience) => ["newer", "older"].every((user) => audience.getMembers().has(user)));
  [newer, older].forEach((stranger) => stranger.close());
}

/** A fresh client loads, sees who is expected, and both see each other's edits. */
async function loads(t, ann, sees) {
  const fresh = await ann.open();
  await t.until("a fresh client to see who is there", () => fresh.disposed() || sees(fresh.audience));
  ann.map.set("by ann", (ann.map.get("by ann") ?? 0) + 1);
  fresh.map.set("by fresh", (fresh.map.get("by fresh") ?? 0) + 1);
  await t.until("both to have both edits", () => [ann, fresh].some(({ disposed }) => disposed())
    || ["by ann", "by fresh"].every((key) => ann.map.get(key) !== undefined && ann.map.get(key) === fresh.map.get(key)));
  t.same([undefined, undefined], [ann.disposed(), fresh.disposed()], "why containers were disposed");
  fresh.dispose();
  await t.until("the fresh client to be gone", () => ann.disposed() || !connections(ann.audience).includes(fresh.clientId));
}

const connections = (audience) => [...audience.getMembers().values()].flatMap((member) => member.connections.map(({ id }) => id));

/** What the scenarios need of a container, whichever client made it. */
function watch(container, { map, audience, runtime, ...more }) {
  const watched = { map, audience, signals: [], dispose: () => container.dispose(), ...more };
  let why;
  container.on("disposed", (error) => { why ??= error?.message ?? "disposed"; });
  watched.disposed = () => why ?? (container.disposed ? "disposed before" : undefined);
  watched.user = () => audience.getMyself().id;
  watched.clientId = audience.getMyself()?.currentConnection;
  runtime.on("signal", ({ type, content }) => watched.signals.push({ type, content }));
  return watched;
}

async function azure(t) {
  const at = { tenant: local, key: t.key };
  const watched = (document) => watch(document.container, {
    map: document.parts.map, audience: document.services.audience, runtime: document.runtime, id: document.id, at,
  });
  const ann = watched(await t.client("ann").create((document) => document.set("by author", 1)));
  await t.until("ann to know herself", () => ann.audience.getMyself());
  return { ...ann, open: async () => watched(await t.client("dan").load(ann.id)) };
}

async function tiny(t) {
  const { TinyliciousClient, parts, runtimeOf, schema } = await import("../v2/tinylicious.mjs");
  const client = () => new TinyliciousClient({ connection: { port: Number(new URL(t.server).port) } });
  const watched = async ({ container, services: { audience } }, map, id) => {
    await t.until("a client to be there", () => container.connectionState === 2 && audience.getMyself());
    return watch(container, { map, audience, runtime: await runtimeOf(container), id, at: tinylicious });
  };
  const made = await client().createContainer(schema, "2");
  const { map } = parts(made.container, { isNew: true });
  const ann = await watched(made, map, await made.container.attach());
  const open = async () => {
    const loaded = await t.within("a fresh client to load", client().getContainer(ann.id, schema, "2"));
    return watched(loaded, parts(loaded.container, { isNew: false }).map, ann.id);
  };
  return { ...ann, open };
}
