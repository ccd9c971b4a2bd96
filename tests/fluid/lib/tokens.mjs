// Tokens signed as a customer's own token service signs them.
import { createHmac, randomUUID } from "node:crypto";

const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

export const everything = ["doc:read", "doc:write", "summary:write"];
export const readOnly = ["doc:read"];

/** @param claims.claims Claims instead of, or beside, the usual ones. */
export function sign({ tenant, key }, { document = "", user = "ann", scopes = everything, seconds = 3600, claims: more = {} } = {}) {
  const now = Math.floor(Date.now() / 1000);
  const exp = now + seconds;
  const claims = {
    documentId: document, scopes, tenantId: tenant, user: { id: user, name: user, additionalDetails: { colour: `${user}'s` } },
    iat: Math.min(now, exp - 1), exp, ver: "1.0", jti: randomUUID(), ...more,
  };
  const text = `${part({ alg: "HS256", typ: "JWT" })}.${part(claims)}`;
  return `${text}.${createHmac("sha256", key).update(text).digest("base64url")}`;
}

/**
 * A token provider as apps write them. `make(kind, refresh, count)` may give other claims for a token; `calls` is every call.
 */
export function tokenProvider(at, user, make = () => ({})) {
  const calls = [];
  const fetchToken = (kind) => async (_tenant, document, refresh) => {
    calls.push({ kind, document, refresh: refresh === true });
    const count = calls.filter((call) => call.kind === kind).length;
    return { jwt: sign(at, { document, user, ...make(kind, refresh === true, count) }), fromCache: false };
  };
  return { calls, fetchOrdererToken: fetchToken("orderer"), fetchStorageToken: fetchToken("storage") };
}
