// Tokens that end, that have ended, and that are not right.
import { converged } from "../lib/document.mjs";
import { sign } from "../lib/tokens.mjs";

// AzureClient's local tenant takes tokens of any key; a real one is that of its remote mode.
const open = (t, user, options = {}) => t.client(user, { connection: "remote", ...options });

/** The server ends a connection when its token does; the client asks for another one and goes on. */
export async function expiring(t) {
  const ann = await open(t, "ann").create();
  const client = open(t, "bob", { token: (_kind, refresh) => ({ seconds: refresh ? 3600 : 5 }) });
  const bob = await client.load(ann.id);
  bob.set("before", 1);
  await converged([ann, bob]);
  const id = bob.clientId;
  t.step("connected", { id });
  let lost = 0;
  bob.container.on("disconnected", () => lost++);
  await t.until("the server to end the connection", () => lost > 0, 20);
  await t.until("bob to be back as another client", () => bob.connected && bob.clientId !== id);
  t.check(client.tokens.calls.some(({ kind, refresh }) => kind === "orderer" && refresh), "the provider was asked for a fresh token");
  await t.until("ann to see the old client leave", () => !ann.runtime.getAudience().getMember(id));
  bob.set("after", 2);
  ann.set("too", 3);
  await converged([ann, bob]);
  t.same({ before: 1, after: 2, too: 3 }, ann.state().map, "what was written before and after");
}

/** An operator revokes a user: its clients are sent away, and come back with fresh tokens; who gets none ends, and says why. */
export async function revoked(t) {
  const [adminKey] = t.args;
  const old = () => ({ claims: { iat: Math.floor(Date.now() / 1000) - 600 } });
  const ann = await open(t, "ann").create();
  const bob = await open(t, "bob", { token: (_kind, refresh) => (refresh ? {} : old()) }).load(ann.id);
  const eve = await open(t, "eve", { token: old }).load(ann.id);
  // Who has not written may still be a reader, and connects anew to write.
  ann.set("first", 0);
  bob.set("before", 1);
  await converged([ann, bob, eve]);
  const [bobsId, annsId] = [bob.clientId, ann.clientId];
  let closedBy;
  // Of the loader's container and of the one that AzureClient wraps around it.
  for (const end of ["closed", "disposed"]) eve.container.on(end, (error) => { closedBy ??= error; });
  for (const userId of ["bob", "eve"]) {
    const answer = await fetch(`${t.server}/api/admin/revocations`, {
      method: "POST", headers: { authorization: `Bearer ${adminKey}`, "content-type": "application/json" },
      body: JSON.stringify({ tenantId: t.tenant, userId }),
    });
    t.check(answer.status === 201, `revoking ${userId}: ${answer.status}`);
  }

  await t.until("bob to be back as another client", () => bob.connected && bob.clientId !== bobsId);
  await t.until("eve to be closed", () => closedBy !== undefined);
  t.step("closed", { message: closedBy.message, status: closedBy.statusCode });
  t.check(/revoked/i.test(closedBy.message), `eve is told why: ${closedBy.message}`);
  bob.set("after", 2);
  ann.set("too", 3);
  await converged([ann, bob]);
  t.same({ first: 0, before: 1, after: 2, too: 3 }, ann.state().map, "what was written before and after");
  t.same(annsId, ann.clientId, "ann's connection, which nobody revoked");
}

/** Every request and connection with an expired token is refused with 401, and repeated with a fresh one. */
export async function expired(t) {
  const proxy = await t.proxy();
  const stale = (_kind, refresh) => ({ seconds: refresh ? 3600 : -60 });
  const creator = open(t, "ann", { server: proxy.url, token: stale });
  const ann = await creator.create((document) => document.set("a", 1));
  const client = open(t, "bob", { server: proxy.url, token: stale });
  const bob = await client.load(ann.id);
  bob.set("b", 2);
  await converged([ann, bob]);
  t.same({ a: 1, b: 2 }, ann.state().map, "what both hold");
  for (const { calls } of [creator.tokens, client.tokens]) {
    t.check(calls.some(({ refresh }) => refresh), `the provider was asked for a fresh token: ${JSON.stringify(calls)}`);
  }

  const refused = proxy.requests.filter(({ status }) => status === 401).map(({ path }) => path.split("/")[1]);
  t.check(refused.includes("documents"), `creating was refused with 401: ${refused}`);
  t.check(refused.includes("repos"), `storage was refused with 401: ${refused}`);
  const errors = proxy.events("server", "connect_document_error").map(({ args }) => args[1].code);
  t.check(refused.includes("deltas") || errors.includes(401), `the orderer was refused with 401: ${refused}, ${errors}`);
}

/** A token of another key or for another document opens nothing, whatever the client tries. */
export async function wrong(t) {
  const ann = await open(t, "ann").create();
  ann.set("a", 1);
  const other = await open(t, "ann").create();
  const bad = {
    "another key": (document) => sign({ tenant: t.tenant, key: "another key that nobody has 0123456789" }, { document }),
    "another document": () => sign(t, { document: other.id }),
    "another tenant": (document) => sign({ tenant: "tinylicious", key: "12345" }, { document }),
    "no scope": (document) => sign(t, { document, scopes: [] }),
  };
  for (const [what, token] of Object.entries(bad)) {
    const proxy = await t.proxy();
    const fetched = async (_tenant, document) => ({ jwt: token(document), fromCache: false });
    const tokens = { fetchOrdererToken: fetched, fetchStorageToken: fetched };
    const error = await open(t, "eve", { tokens, server: proxy.url }).load(ann.id).then(() => undefined, (failure) => failure.cause ?? failure);
    t.check(error !== undefined, `a load with a token of ${what} fails`);
    t.step("refused", { what, message: error.message, status: error.statusCode });
    t.check([401, 403, 404].includes(error.statusCode), `a token of ${what} is refused as one: ${error.message}`);
    // A socket is opened before it has a token.
    const served = proxy.requests.filter(({ path, status }) => status < 400 && !path.startsWith("/socket.io"));
    t.same([], served.map(({ path }) => path), `what was served for a token of ${what}`);
    t.same([], proxy.events("server", "connect_document_success"), `which connections were made with a token of ${what}`);
  }

  t.check(ann.connected, "the good client is undisturbed");
}
