// Clients without a runtime, that send what they like: by Socket.IO, and by Phoenix's channels.
import { io } from "socket.io-client";
import WebSocket from "ws";

/**
 * Opens one. `connected` is what the server answered; `error` is set when it refused anything.
 * @param options.signals2 Whether the client asks for signals of version 2.
 */
export async function socketIo({ server, tenant, id, token, mode, client, signals2 = true }) {
  const socket = io(server, { transports: ["websocket"], reconnection: false, forceNew: true, query: { documentId: id, tenantId: tenant } });
  const opened = { error: undefined, close: () => socket.disconnect() };
  const fail = (what) => (error) => { opened.error ??= `${what}: ${JSON.stringify(error?.message ?? error)}`; };
  socket.on("nack", fail("nack"));
  socket.on("connect_error", fail("connect_error"));
  socket.on("disconnect", fail("disconnect"));
  opened.connected = await new Promise((resolve, reject) => {
    socket.on("connect_error", reject);
    socket.on("connect_document_success", resolve);
    socket.on("connect_document_error", (error) => reject(new Error(`refused: ${JSON.stringify(error)}`)));
    socket.on("connect", () => socket.emit("connect_document", {
      tenantId: tenant, id, token, client, mode, versions: ["^0.4.0"], nonce: token.slice(-10),
      ...(signals2 ? { supportedFeatures: { submit_signals_v2: true } } : {}),
    }));
  });
  opened.signal = (batch) => socket.emit("submitSignal", opened.connected.clientId, batch);
  return opened;
}

/** Opens one that speaks Phoenix's channels, in JSON. */
export async function phoenix({ server, tenant, id, token, mode, client }) {
  const socket = new WebSocket(`${server.replace(/^http/, "ws")}/socket/websocket?vsn=2.0.0`);
  const topic = `document:${tenant}:${id}`;
  const opened = { error: undefined, close: () => socket.close() };
  const send = (ref, event, payload) => socket.send(JSON.stringify(["1", ref, topic, event, payload]));
  opened.connected = await new Promise((resolve, reject) => {
    socket.on("error", reject);
    socket.on("open", () => send("1", "phx_join", {}));
    socket.on("message", (data) => {
      const [, ref, , event, payload] = JSON.parse(data);
      if (event === "phx_reply" && payload.status !== "ok") reject(new Error(`refused: ${JSON.stringify(payload)}`));
      if (event === "phx_reply" && ref === "1") send("2", "connect_document", { tenantId: tenant, id, token, client, mode, lastSeenSequenceNumber: 0 });
      if (event === "connect_document_success") resolve(payload);
      if (event === "nack" || event === "phx_error") opened.error ??= `${event}: ${JSON.stringify(payload)}`;
    });
  });
  return opened;
}
