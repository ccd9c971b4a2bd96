// Phoenix's own client whose token ends: node document-tokens.mjs ws://HOST/socket TENANT KEY DOCUMENT OTHER
// It connects to two documents on one socket, to the first with a token that soon expires; is told so and closed, does not rejoin by
// itself, and joins again with a fresh one, while the other channel goes on. Prints what happens; exits with 1 when it takes too long.
import { Socket } from "phoenix";
import WebSocket from "ws";
import { sign } from "../fluid/lib/tokens.mjs";

const [address, tenantId, key, id, other] = process.argv.slice(2);
const token = (document, seconds) => sign({ tenant: tenantId, key }, { document, seconds });
const fail = (why) => { console.error(why); process.exit(1); };
setTimeout(() => fail("not in time"), 60_000).unref();

const socket = new Socket(address, { transport: WebSocket, rejoinAfterMs: () => 10, reconnectAfterMs: () => 10 });
socket.onClose(() => fail("the socket closed"));
socket.connect();

/** Joins and connects; resolves with the channel and its events by name, each a promise of the first. */
const connect = (document, seconds) => new Promise((resolve) => {
  const channel = socket.channel(`document:${tenantId}:${document}`);
  const first = (listen) => new Promise((done) => listen(done));
  const seen = {
    refused: first((done) => channel.on("connect_document_error", done)),
    closed: first((done) => channel.onClose(() => done("closed"))),
  };
  channel.onError(() => fail("the channel crashed"));
  channel.on("connect_document_success", ({ clientId, checkpointSequenceNumber }) => resolve({ channel, clientId, checkpointSequenceNumber, ...seen }));
  let joins = 0;
  channel.join().receive("ok", () => {
    if (++joins > 1) fail("it rejoined by itself");
    channel.push("connect_document", { tenantId, id: document, token: token(document, seconds), client: {}, mode: "write" });
  });
});

const submit = ({ channel, clientId, checkpointSequenceNumber: referenceSequenceNumber }) => new Promise((resolve) => {
  const op = { type: "op", contents: "x", clientSequenceNumber: 1, referenceSequenceNumber };
  channel.push("submitOp", { clientId, messageBatches: [[op]] })
    .receive("ok", resolve).receive("error", (error) => fail(JSON.stringify(error))).receive("timeout", () => fail("no reply"));
});

const beside = await connect(other, 3600);
const ending = await connect(id, 5);
console.log(JSON.stringify(await ending.refused));
console.log(await ending.closed);
await submit(beside);
await submit(await connect(id, 3600));
console.log("back");
process.exit(0);
