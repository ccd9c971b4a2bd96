// Phoenix's own client on one document with others: node document-writer.mjs ws://HOST/socket VSN TENANT DOCUMENT TOKEN NAME OPS WRITERS
// It waits until all WRITERS have joined, submits OPS ops, and prints every sequenced message as a line of JSON until it has seen
// the ops of all. Exits with 1 when that takes too long or anything is refused.
import { Socket } from "phoenix";
import { pack, unpack } from "msgpackr";
import WebSocket from "ws";

const [address, vsn, tenantId, id, token, name, ops, writers] = process.argv.slice(2);
const fail = (why) => { console.error(why); process.exit(1); };
setTimeout(() => fail("not in time"), 60_000).unref();

const messagePack = {
  encode: (message, callback) =>
    callback(pack([message.join_ref, message.ref, message.topic, message.event, message.payload])),
  decode: (data, callback) => {
    const [join_ref, ref, topic, event, payload] = unpack(new Uint8Array(data));
    callback({ join_ref, ref, topic, event, payload });
  },
};

const socket = new Socket(address, { transport: WebSocket, vsn, ...(vsn.startsWith("3.") ? messagePack : {}) });
socket.connect();
const channel = socket.channel(`document:${tenantId}:${id}`);
let done = false;
channel.onError(() => done || fail("the channel crashed"));
channel.on("nack", (nack) => fail(JSON.stringify(nack)));
channel.on("connect_document_error", (error) => fail(JSON.stringify(error)));

let clientId, joined = 0, seen = 0, sent = 0, lastSeen = 0;

// Contents of every kind that JSON and MessagePack both know.
const contents = (n) => [
  `${name} ${n}`,
  JSON.stringify({ address: "root", contents: { name, n, text: "\"é😀\"\n" } }),
  { name, n, half: n + 0.5, big: 9007199254740991 - n, negative: -n, yes: true, none: null },
  [name, n, ["é😀", "\\ / \u0001"], {}],
][n % 4];

const submit = () => {
  const op = { type: "op", contents: contents(sent), metadata: { n: sent }, clientSequenceNumber: ++sent, referenceSequenceNumber: lastSeen };
  channel.push("submitOp", { clientId, messageBatches: [[op]] })
    .receive("ok", () => { if (sent < Number(ops)) submit(); })
    .receive("error", (error) => fail(JSON.stringify(error)))
    .receive("timeout", () => fail("no reply"));
};

channel.on("op", ({ op }) => {
  // What comes while the socket closes is not among what is compared.
  if (done) return;
  for (const message of op) {
    console.log(JSON.stringify(message));
    lastSeen = message.sequenceNumber;
    if (message.type === "join" && ++joined === Number(writers)) submit();
    if (message.type === "op" && ++seen === Number(ops) * Number(writers)) {
      done = true;
      socket.disconnect(() => process.exit(0));
      return;
    }
  }
});
channel.on("connect_document_success", (connected) => { clientId = connected.clientId; });
channel.join()
  .receive("ok", () =>
    channel.push("connect_document", { tenantId, id, token, client: {}, mode: "write", lastSeenSequenceNumber: 0 }))
  .receive("error", (error) => fail(JSON.stringify(error)));
