// Phoenix's own client against the echo channel of the tests: node phoenix-echo.mjs ws://HOST/socket VSN
// Prints a line for every step; exits with 1 when one does not come in time.
import { Socket } from "phoenix";
import { pack, unpack } from "msgpackr";
import WebSocket from "ws";

const [address, vsn] = process.argv.slice(2);
setTimeout(() => { console.error("not in time"); process.exit(1); }, 30_000).unref();

const messagePack = {
  encode: (message, callback) =>
    callback(pack([message.join_ref, message.ref, message.topic, message.event, message.payload])),
  decode: (data, callback) => {
    const [join_ref, ref, topic, event, payload] = unpack(new Uint8Array(data));
    callback({ join_ref, ref, topic, event, payload });
  },
};

const socket = new Socket(address, {
  transport: WebSocket,
  vsn,
  rejoinAfterMs: () => 10,
  ...(vsn.startsWith("3.") ? messagePack : {}),
});

const print = (step, payload) => console.log(payload === undefined ? step : `${step} ${JSON.stringify(payload)}`);
const reply = (push) => new Promise((resolve, reject) => {
  push.receive("ok", resolve).receive("error", resolve).receive("timeout", () => reject(new Error("no reply")));
});
const next = (channel, event) => new Promise((resolve) => {
  const ref = channel.on(event, (payload) => { channel.off(event, ref); resolve(payload); });
});

socket.connect();
const channel = socket.channel("echo:js", { hello: "wörld 😀" });
print("joined", await reply(channel.join()));

const refused = socket.channel("echo:refused", { refuse: "not you" });
print("refused", await reply(refused.join()));
refused.leave();

print("echo", await reply(channel.push("echo", {
  i: -5, big: 1700000000000, f: 1.5, s: "é😀\n", n: null, u: undefined, a: [1, [2, {}]],
})));
print("error", await reply(channel.push("refuse", { why: "asked" })));

const pushed = next(channel, "pushed");
channel.push("push", { n: 1 });
print("pushed", await pushed);
print("later", await reply(channel.push("later", { n: 2 })));

const news = next(channel, "news");
channel.push("broadcast", { n: 3 });
print("news", await news);

const errored = new Promise((resolve) => channel.onError(resolve));
const rejoined = new Promise((resolve) => channel.joinPush.receive("ok", resolve));
channel.push("boom", {});
await errored;
await rejoined;
print((await reply(channel.push("echo", { alive: true }))).alive && "rejoined after a crash");

const closed = new Promise((resolve) => channel.onClose(resolve));
await reply(channel.leave());
print("left");
await closed;
print("closed");
socket.disconnect(() => process.exit(0));
