// A proxy between a client and the server that writes down what passes, and can break connections as networks do.
import http from "node:http";
import net from "node:net";
import { FrameReader } from "./frames.mjs";

/** Starts one; its `url` stands for the server's. */
export async function startProxy(server, { refuseUpgrades = false } = {}) {
  const target = new URL(server);
  const sockets = new Set();
  const proxy = { requests: [], frames: [], upgrades: 0, refusedUpgrades: 0, refuseUpgrades, down: false };
  const keep = (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
  };

  const listener = http.createServer((request, response) => {
    if (proxy.down) return void request.socket.destroy();
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks);
      const seen = describe(request, body);
      proxy.requests.push(seen);
      const onward = http.request(
        // The client's own Host header: a server that tells its address tells the one that the client uses.
        { host: target.hostname, port: target.port, method: request.method, path: request.url, headers: request.headers },
        (answer) => {
          seen.status = answer.statusCode;
          response.writeHead(answer.statusCode, answer.headers);
          answer.pipe(response);
        },
      );
      onward.on("error", () => request.socket.destroy());
      onward.end(body);
    });
  });
  listener.on("connection", keep);
  listener.on("upgrade", (request, socket, head) => {
    if (proxy.down) return void socket.destroy();
    if (proxy.refuseUpgrades) {
      proxy.refusedUpgrades++;
      return void socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    }

    proxy.upgrades++;
    const onward = net.connect(target.port, target.hostname, () => {
      // Without the offer of compression the frames can be read here.
      const headers = Object.entries(request.headers).filter(([name]) => name !== "sec-websocket-extensions");
      onward.write(`GET ${request.url} HTTP/1.1\r\n${headers.map(([name, value]) => `${name}: ${value}`).join("\r\n")}\r\n\r\n`);
      onward.write(head);
      socket.pipe(onward).pipe(socket);
    });
    keep(onward);
    const connection = proxy.upgrades;
    const record = (from) => (text) => proxy.frames.push({ from, connection, text });
    const fromServer = new FrameReader(record("server"), { afterHeaders: true });
    const fromClient = new FrameReader(record("client"));
    onward.on("data", (bytes) => fromServer.read(bytes));
    socket.on("data", (bytes) => fromClient.read(bytes));
    const end = () => { socket.destroy(); onward.destroy(); };
    socket.on("close", end);
    onward.on("close", end);
  });
  await new Promise((resolve) => listener.listen(0, "127.0.0.1", resolve));

  /** Ends every connection without a word. */
  proxy.cut = () => sockets.forEach((socket) => socket.destroy());
  proxy.close = () => { proxy.down = true; proxy.cut(); listener.close(); };
  /** The Socket.IO events of one name, their arguments parsed. */
  proxy.events = (from, name) => proxy.frames
    .filter((frame) => frame.from === from && frame.text.startsWith("42") && frame.text.includes(`"${name}"`))
    .map((frame) => ({ ...frame, args: JSON.parse(frame.text.slice(2)) }))
    .filter((frame) => frame.args[0] === name);
  proxy.url = `http://127.0.0.1:${listener.address().port}`;
  return proxy;
}

/** What is asked for: RestLess requests as what they stand for. */
function describe(request, body) {
  const url = new URL(request.url, "http://localhost");
  const seen = { method: request.method, path: url.pathname, query: Object.fromEntries(url.searchParams), bytes: body.length };
  if ((request.headers["content-type"] ?? "").includes("restless")) {
    const form = new URLSearchParams(body.toString());
    seen.method = form.get("method");
    seen.body = form.get("body") ?? undefined;
    seen.authorization = form.getAll("header").find((header) => header.startsWith("Authorization: "))?.slice("Authorization: ".length);
  }
  return seen;
}
