// Who is there, and what is said to them without being kept.
import { converged } from "../lib/document.mjs";
import { readOnly } from "../lib/tokens.mjs";

const people = (document) => document.members().filter(([, client]) => client.details.capabilities.interactive);
const names = (document) => people(document).map(([, client]) => client.user.id).sort();

/** Members come and go in everybody's audience, readers too, with what their tokens say of them. */
export async function members(t) {
  const ann = await t.client("ann").create();
  const bob = await t.client("bob").load(ann.id);
  const cleo = await t.client("cleo", { token: () => ({ scopes: readOnly }) }).load(ann.id);
  for (const document of [ann, bob, cleo]) {
    await t.until(() => `${document.name} to see all three: ${names(document)}`, () => names(document).join() === "ann,bob,cleo");
  }

  for (const document of [ann, bob, cleo]) {
    const everybody = new Map(document.members());
    for (const other of [ann, bob, cleo]) {
      t.check(everybody.get(other.clientId)?.user.id === other.name, `${document.name} sees ${other.name} by its client id`);
    }

    const reader = everybody.get(cleo.clientId);
    t.same("read", reader.mode, "the mode of a client that may only read");
    t.same(["doc:read"], reader.scopes, "its scopes");
    t.same({ id: "cleo", name: "cleo", additionalDetails: { colour: "cleo's" } }, reader.user, "the user of its token");
    t.check(!everybody.get(bob.clientId).scopes.includes("summary:write"), "an interactive client is not shown as one that summarizes");
  }

  // The first edit makes writers of those who began as readers.
  bob.set("a", 1);
  await t.until("cleo to see bob's edit", () => cleo.get("a") === 1);
  await t.until("bob to be a writer for cleo", () => people(cleo).some(([, client]) => client.user.id === "bob" && client.mode === "write"));
  t.check(!cleo.runtime.getQuorum().getMembers().has(cleo.clientId), "a reader is not in the quorum");
  t.check(cleo.runtime.getQuorum().getMembers().has(bob.clientId), "a writer is in the quorum");

  const [bobWas, cleoWas] = [bob.clientId, cleo.clientId];
  const left = [];
  ann.runtime.getAudience().on("removeMember", (id) => left.push(id));
  bob.dispose();
  await t.until("ann to see bob leave", () => names(ann).join() === "ann,cleo" && left.includes(bobWas));
  await t.until("cleo to see bob leave", () => names(cleo).join() === "ann,cleo");
  cleo.dispose();
  await t.until("ann to see the reader leave", () => names(ann).join() === "ann" && left.includes(cleoWas));
}

/** Signals reach everybody, their sender too, in order; a targeted one only its target. */
export async function signals(t) {
  const proxy = await t.proxy();
  const ann = await t.client("ann", { server: proxy.url }).create();
  const documents = [ann, await t.client("bob").load(ann.id), await t.client("cleo").load(ann.id)];
  for (const document of documents) {
    await t.until(`${document.name} to see all three`, () => names(document).length === 3);
  }

  const before = ann.lastSequenceNumber;
  const ours = (document, type) => document.signals.filter((signal) => signal.type === type);
  for (const document of documents) {
    for (let n = 0; n < 20; n++) document.runtime.submitSignal("count", { n, text: `"${document.name}" 😀` });
  }

  for (const document of documents) {
    await t.until(() => `${document.name} to get all signals, got ${ours(document, "count").length}`, () => ours(document, "count").length === 60);
    for (const sender of documents) {
      const from = ours(document, "count").filter((signal) => signal.from === sender.clientId);
      t.same(Array.from({ length: 20 }, (_, n) => ({ n, text: `"${sender.name}" 😀` })), from.map(({ content }) => content),
        `what ${document.name} got from ${sender.name}`);
      t.check(from.every(({ local }) => local === (sender === document)), "a client knows its own signals");
    }
  }

  t.check(ann.lastSequenceNumber - before < 5, "signals take no numbers");
  const connect = proxy.events("client", "connect_document")[0].args[1];
  t.same(t.has.targetedSignals, connect.supportedFeatures?.submit_signals_v2 === true, "whether the client asks for signals of version 2");
  if (!t.has.targetedSignals) {
    t.check(proxy.events("client", "submitSignal").every(({ args }) => typeof args[2][0][0] === "string"), "signals of version 1 are sent as text");
    return;
  }

  const [, bob, cleo] = documents;
  ann.runtime.submitSignal("whisper", "to bob", bob.clientId);
  ann.runtime.submitSignal("whisper", "to cleo", cleo.clientId);
  ann.runtime.submitSignal("said", "to all");
  for (const document of documents) {
    await t.until(`${document.name} to get what was said last`, () => ours(document, "said").length === 1);
  }

  t.same([[], ["to bob"], ["to cleo"]], documents.map((document) => ours(document, "whisper").map(({ content }) => content)), "who got which whisper");
}

/** Who may only read gets all ops and can write nothing. */
export async function readers(t) {
  const ann = await t.client("ann").create();
  ann.set("a", 1);
  const proxy = await t.proxy();
  const reader = await t.client("reader", { server: proxy.url, token: () => ({ scopes: readOnly }) }).load(ann.id);
  t.same(true, reader.container.readOnlyInfo?.readonly ?? reader.context.deltaManager.readOnlyInfo.readonly, "whether the reader's container is read-only");
  await t.until("the reader to see what was there", () => reader.get("a") === 1);
  for (let n = 0; n < 50; n++) ann.set("n", n);
  await t.until("the reader to see what is written", () => reader.get("n") === 49);

  const numbers = reader.ops.map(({ sequenceNumber }) => sequenceNumber);
  t.same(Array.from(numbers, (_, n) => numbers[0] + n), numbers, "the numbers that the reader saw");
  // Every generation keeps the edit to itself, and neither throws nor closes.
  reader.set("forbidden", true);
  ann.set("last", true);
  await t.until("the reader to see the last edit", () => reader.get("last") === true);
  t.check(!reader.closed && reader.connected, "the reader is still there");
  t.check(ann.get("forbidden") === undefined, "the reader's edit reached nobody");
  t.check(ann.ops.every(({ clientId }) => clientId !== reader.clientId), "the reader wrote nothing");
  t.same([], proxy.events("client", "submitOp"), "what the reader submitted");
  const success = proxy.events("server", "connect_document_success")[0].args[1];
  t.same("read", success.mode, "the mode that the server granted");
}

/**
 * Presence of three clients: states, notifications, and who is there. With generation 2.x only: the packages of presence are published up to
 * 2.x, so 3.x has none to be tested with, and that of 2023 had none yet. The same is so of the SharedString in 3.x: see `has.text`.
 */
export async function presence(t) {
  const { getPresence, StateFactory } = await import("../v2/presence.mjs");
  const ann = await t.client("ann").create();
  const documents = [ann, await t.client("bob").load(ann.id), await t.client("cleo").load(ann.id)];
  const views = documents.map((document) => {
    const here = getPresence(document.container);
    const workspace = here.states.getWorkspace("levee:cursors", { cursor: StateFactory.latest({ local: { at: 0 } }) });
    return { here, cursor: workspace.states.cursor, name: document.name };
  });

  for (const view of views) {
    await t.until(() => `${view.name} to see three attendees`, () => connected(view).length === 3);
  }

  views.forEach((view, n) => { view.cursor.local = { at: 10 + n, of: view.name }; });
  for (const view of views) {
    await t.until(`${view.name} to see where the others are`, () => {
      const remotes = [...view.cursor.getRemotes()].map(({ value }) => (typeof value === "function" ? value() : value)).filter(Boolean);
      return remotes.map(({ at, of }) => `${of}@${at}`).sort().join() === views
        .map((other, n) => (other === view ? undefined : `${other.name}@${10 + n}`)).filter(Boolean).sort().join();
    });
  }

  documents[2].dispose();
  await t.until("ann to see that cleo is away", () => connected(views[0]).length === 2, 60);
  await converged(documents.slice(0, 2));
}

const connected = ({ here }) => [...here.attendees.getAttendees()].filter((attendee) => attendee.getConnectionStatus() === "Connected");
