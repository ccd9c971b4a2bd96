// Socket.IO's own client against the echo handler of the tests: node socket-io-echo.mjs http://HOST TRANSPORT[,TRANSPORT]
// Prints a line for every step; exits with 1 when one does not come in time.
import { io } from "socket.io-client";

const [address, transports] = process.argv.slice(2);
setTimeout(() => { console.error("not in time"); process.exit(1); }, 30_000).unref();

const options = { transports: transports.split(","), reconnection: false, forceNew: true };
const print = (step, payload) => console.log(payload === undefined ? step : `${step} ${JSON.stringify(payload)}`);
const next = (socket, event) => new Promise((resolve) => socket.once(event, (...args) => resolve(args)));

const socket = io(address, options);
print("begins with", socket.io.engine.transport.name);
const upgraded = transports === "polling,websocket"
  ? new Promise((resolve) => socket.io.engine.once("upgrade", resolve))
  : Promise.resolve();

// Begun on the first transport, and still going on while the client moves to the second.
const echoes = [];
const all = new Promise((resolve) => socket.on("echo", (n) => { if (typeof n === "number" && echoes.push(n) === 300) resolve(); }));
await next(socket, "connect");
print("connected");
for (let n = 0; n < 300; n++) {
  socket.emit("echo", n);
  if (n % 30 === 0) await new Promise((resolve) => setImmediate(resolve));
}
await all;
socket.off("echo");
print("echoes in order", echoes.every((n, i) => n === i));
await upgraded;
print("transport", socket.io.engine.transport.name);

const echo = next(socket, "echo");
socket.emit("echo", -5, 1700000000000, { s: "é😀\n", n: null, a: [1, [2, {}]] });
print("echo", await echo);
print("acknowledged", await new Promise((resolve) => socket.emit("ping", (...args) => resolve(args))));

const news = next(socket, "news");
socket.emit("broadcast", { n: 3 });
print("news", await news);

const kicked = next(socket, "disconnect");
socket.emit("kick");
print("kicked", (await kicked)[0]);
const again = next(socket, "connect");
socket.connect();
await again;
print("connected again");
const crashed = next(socket, "disconnect");
socket.emit("boom");
print("crashed", (await crashed)[0]);

const other = io(`${address}/other`, options);
const [error] = await next(other, "connect_error");
print("refused", error.message);
other.disconnect();

const last = io(address, options);
await next(last, "connect");
const left = next(last, "disconnect");
last.disconnect();
print("left", (await left)[0]);
// It ends by itself, once its goodbyes have left it.
