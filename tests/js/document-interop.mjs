// Phoenix's own client on a document that Microsoft's clients use too:
//   node document-interop.mjs ws://HOST/socket VSN TENANT DOCUMENT TOKEN NAME OPS
// It writes what a stock runtime understands: the first op of the stock client whose contents say "from stock", sent again as its own. Prints
// `frame` and the text of each event with ops (or `op` and each message as JSON, where frames are binary), and `audience` and who was there.
// It ends when the client that said "the end" has left.
import { Socket } from "phoenix";
import { pack, unpack } from "msgpackr";
import WebSocket from "ws";

const [address, vsn, tenantId, id, token, name, ops] = process.argv.slice(2);
const binary = vsn.startsWith("3.");
const fail = (why) => { console.error(why); process.exit(1); };
setTimeout(() => fail("not in time"), 100_000).unref();

const text = {
  decode: (data, callback) => {
    const [join_ref, ref, topic, event, payload] = JSON.parse(data);
    if (event === "op") console.log(`frame ${data}`);
    callback({ join_ref, ref, topic, event, payload });
  },
};
const messagePack = {
  encode: (message, callback) =>
    callback(pack([message.join_ref, message.ref, message.topic, message.event, message.payload])),
  decode: (data, callback) => {
    const [join_ref, ref, topic, event, payload] = unpack(new Uint8Array(data));
    if (event === "op") payload.op.forEach((message) => console.log(`op ${JSON.stringify(message)}`));
    callback({ join_ref, ref, topic, event, payload });
  },
};

const socket = new Socket(address, { transport: WebSocket, vsn, ...(binary ? messagePack : text) });
socket.connect();
const channel = socket.channel(`document:${tenantId}:${id}`);
let done = false;
channel.onError(() => done || fail("the channel crashed"));
channel.on("nack", (nack) => fail(JSON.stringify(nack)));
channel.on("connect_document_error", (error) => fail(JSON.stringify(error)));

// What a driver tells of itself; the binary client is as terse as a server must bear.
const client = binary ? {} : { details: { capabilities: { interactive: true } }, permission: [], scopes: [], user: { id: "" }, mode: "write" };
const audience = new Map();
let clientId, template, sent = 0, lastSeen = 0, last;

const submit = () => {
  const contents = template.replaceAll("from stock 0", `from ${name} ${sent}`);
  const op = { type: "op", contents, clientSequenceNumber: ++sent, referenceSequenceNumber: lastSeen };
  channel.push("submitOp", { clientId, messageBatches: [[op]] })
    .receive("ok", () => { if (sent < Number(ops)) submit(); })
    .receive("error", (error) => fail(JSON.stringify(error)))
    .receive("timeout", () => fail("no reply"));
};

channel.on("op", ({ op }) => {
  for (const message of op) {
    lastSeen = message.sequenceNumber;
    if (message.type === "join") {
      const { clientId: joined, detail } = JSON.parse(message.data);
      audience.set(joined, detail.user.id);
    }
    if (message.type === "leave") {
      const left = JSON.parse(message.data);
      audience.delete(left);
      if (left === last) {
        done = true;
        // What was printed goes first: a pipe takes 64 KiB at a time.
        socket.disconnect(() => process.stdout.write("", () => process.exit(0)));
        return;
      }
    }
    if (message.type !== "op") continue;
    if (!template && message.contents.includes("from stock 0")) {
      template = message.contents;
      submit();
    }
    if (message.contents.includes("the end")) {
      last = message.clientId;
      console.log(`audience ${JSON.stringify([...audience])}`);
    }
  }
});
channel.on("connect_document_success", (connected) => {
  clientId = connected.clientId;
  connected.initialClients.forEach((other) => audience.set(other.clientId, other.client.user.id));
  console.log(`initial ${JSON.stringify([...audience])}`);
});
channel.join()
  .receive("ok", () =>
    channel.push("connect_document", { tenantId, id, token, client, mode: "write", lastSeenSequenceNumber: 0 }))
  .receive("error", (error) => fail(JSON.stringify(error)));
