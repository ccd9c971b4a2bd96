// Phoenix's own client whose token ends: node document-tokens.mjs ws://HOST/socket TENANT DOCUMENT OTHER TOKEN FRESH OTHERS_TOKEN
// It connects to two documents on one socket, to the first with TOKEN, which expires; is told so and closed, does not rejoin by itself,
// and joins again with FRESH, while the other channel goes on. Prints what happens; exits with 1 when it takes too long.
import { Socket } from "phoenix";
import WebSocket from "ws";

const [address, tenantId, id, other, token, fresh, othersToken] = process.argv.slice(2);
const fail = (why) => { console.error(why); process.exit(1); };
setTimeout(() => fail("not in time"), 60_000).unref();

const socket = new Socket(address, { transport: WebSocket, rejoinAfterMs: () => 10, reconnectAfterMs: () => 10 });
socket.onClose(() => fail("the socket closed"));
socket.connect();

/** Joins and connects; resolves with the channel and its events by name, each a promise of the first. */
const connect = (document, jwt) => new Promise((resolve) => {
  const channel = socket.channel(`document:${tenantId}:${document}`);
  const first = (listen) => new Promise((done) => listen(done));
  const seen = {
    refused: first((done) => channel.on("connect_document_error", done)),
    closed: first((done) => channel.onClose(() => done("closed"))),
  };
  channel.onError(() => fail("the channel crashed"));
  channel.on("connect_document_success", ({ clientId }) => resolve({ channel, clientId, ...seen }));
  let joins = 0;
  channel.join().receive("ok", () => {
    if (++joins > 1) fail("it rejoined by itself");
    channel.push("connect_document", { tenantId, id: document, token: jwt, client: {}, mode: "write" });
  });
});

const submit = ({ channel, clientId }) => new Promise((resolve) => {
  const op = { type: "op", contents: "x", clientSequenceNumber: 1, referenceSequenceNumber: 0 };
  channel.push("submitOp", { clientId, messageBatches: [[op]] })
    .receive("ok", resolve).receive("error", (error) => fail(JSON.stringify(error))).receive("timeout", () => fail("no reply"));
});

const beside = await connect(other, othersToken);
const ending = await connect(id, token);
console.log(JSON.stringify(await ending.refused));
console.log(await ending.closed);
await submit(beside);
await submit(await connect(id, fresh));
console.log("back");
process.exit(0);
