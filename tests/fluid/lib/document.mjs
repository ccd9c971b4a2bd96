// One client's document, the same to scenarios whichever generation of packages is underneath.
import { stable, until } from "./waiting.mjs";

const connected = 2; // ConnectionState.Connected in every generation

const parsed = (contents) => (typeof contents === "string" ? JSON.parse(contents) : contents);

/** Stands between a loader and its runtime factory, to know the runtime that an app's client hides. */
export function watched(factory) {
  const seen = { ops: [] };
  seen.factory = {
    get IRuntimeFactory() { return this; },
    async instantiateRuntime(context, existing) {
      const runtime = await factory.instantiateRuntime(context, existing);
      // The summarizer is loaded by the same code, as a client of its own.
      if (context.clientDetails.capabilities.interactive && !seen.runtime) {
        seen.runtime = runtime;
        seen.context = context;
        context.deltaManager.on("op", (op) => seen.ops.push(op));
      }

      return runtime;
    },
  };
  return seen;
}

export class Document {
  signals = [];

  /** @param parts `map`, and `text` (a SharedString) and `notes` (a tree's view) where the generation has them. */
  constructor(name, container, seen, parts) {
    Object.assign(this, { name, container, parts, runtime: seen.runtime, context: seen.context, ops: seen.ops });
    this.runtime.on("signal", (message, local) => this.signals.push({
      type: message.type, content: message.content, from: message.clientId, local, target: message.targetClientId,
    }));
  }

  get clientId() { return this.runtime.clientId; }
  get connected() { return this.container.connectionState === connected; }
  get closed() { return this.container.closed ?? this.container.disposed; }
  get saved() { return !this.container.isDirty; }
  get lastSequenceNumber() { return this.context.deltaManager.lastSequenceNumber; }

  set(key, value) { this.parts.map.set(key, value); }
  get(key) { return this.parts.map.get(key); }
  insert(position, text) { this.parts.text.insertText(position, text); }
  remove(start, end) { this.parts.text.removeText(start, end); }
  get length() { return this.parts.text.getLength(); }
  get notes() { return this.parts.notes.root; }

  /** The audience's members: `[clientId, client]`. */
  members() { return [...this.runtime.getAudience().getMembers()]; }

  /** All that the document holds. */
  state() {
    const { map, text, notes } = this.parts;
    return {
      map: Object.fromEntries([...map.entries()].filter(([, value]) => !isHandle(value))),
      ...(text ? { text: text.getText() } : {}),
      ...(notes ? { notes: [...notes.root].map(({ by, text: words }) => ({ by, text: words })) } : {}),
    };
  }

  /** The accepted summaries that it has seen: the numbers of the op and what it was made from, and the version's id. */
  summaries() {
    const proposals = new Map(this.ops.filter((op) => op.type === "summarize").map((op) => [op.sequenceNumber, op]));
    return this.ops.filter((op) => op.type === "summaryAck").flatMap((ack) => {
      const { handle, summaryProposal } = parsed(ack.contents);
      const op = proposals.get(summaryProposal.summarySequenceNumber);
      return op ? [{ handle, of: op.referenceSequenceNumber, at: op.sequenceNumber, by: op.clientId, op }] : [];
    });
  }

  async isConnected() {
    await until(`${this.name} to be connected`, () => this.connected || this.closed);
    if (this.closed) throw new Error(`${this.name}'s container closed: ${this.closedBecause?.message}`, { cause: this.closedBecause });
    return this;
  }

  disconnect() { this.container.disconnect(); }
  connect() { this.container.connect(); }
  dispose() { if (!this.closed) { this.container.dispose(); } }
}

const isHandle = (value) => typeof value === "object" && value !== null && typeof value.get === "function";

/** Waits until nobody has anything unsaved and all have seen the same. */
export async function converged(documents, seconds = 60) {
  const shown = () => documents.map((document) =>
    `${document.name} at ${document.lastSequenceNumber}${document.connected ? "" : " (not connected)"}${document.saved ? "" : " (unsaved)"}`).join(", ");
  await until(() => `all to see the same: ${shown()}`, () => {
    const broken = documents.find((document) => document.closed);
    if (broken) throw new Error(`${broken.name}'s container closed: ${broken.closedBecause?.message}`, { cause: broken.closedBecause });
    return documents.every((document) => document.saved && document.connected)
      && new Set(documents.map((document) => document.lastSequenceNumber)).size === 1
      && new Set(documents.map((document) => stable(document.state()))).size === 1;
  }, seconds);
}
