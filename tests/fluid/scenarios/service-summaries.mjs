// A server that summarizes by itself when the last writer has left: what it writes is loaded by stock clients.
import { converged } from "../lib/document.mjs";
import { sign } from "../lib/tokens.mjs";

const edits = 12;

function write(t, document) {
  for (let n = 0; n < edits; n++) {
    document.set(`${document.name} ${n}`, n);
    if (t.has.text) document.insert(document.length, `${document.name} ${n} `);
    if (t.has.notes) document.notes.insertAtEnd({ by: document.name, text: `${n}` });
  }
}

/** What a document holds into which these have written one after the other. */
const expected = (t, names) => {
  const all = names.flatMap((by) => Array.from({ length: edits }, (_, n) => ({ by, n })));
  return {
    map: Object.fromEntries(all.map(({ by, n }) => [`${by} ${n}`, n])),
    ...(t.has.text ? { text: all.map(({ by, n }) => `${by} ${n} `).join("") } : {}),
    ...(t.has.notes ? { notes: all.map(({ by, n }) => ({ by, text: `${n}` })) } : {}),
  };
};

/** Writers come and go, with a summary of the server's after each, and one of a client's between: no op is missed, and none applied twice. */
export async function loaded(t) {
  const names = ["ann"];
  const noSummaries = { runtimeOptions: t.noSummaries() };
  const ann = await t.client("ann", noSummaries).create();
  write(t, ann);
  const { id } = ann;
  await leave(t, ann, id);
  for (const name of ["bob", "cleo"]) {
    const document = await join(t, name, id, names, noSummaries);
    t.same(1, document.ops[0].sequenceNumber, "where a client begins before any client has summarized");
    names.push(name);
    write(t, document);
    await leave(t, document, id);
  }

  const dan = await join(t, "dan", id, names, { runtimeOptions: t.summaries() });
  names.push("dan");
  write(t, dan);
  await t.until("dan to be saved", () => dan.saved);
  const last = dan.ops.findLast(({ type, clientId }) => type === "op" && clientId === dan.clientId).sequenceNumber;
  const { of } = await t.until("dan's summary", () => dan.summaries().find((summary) => summary.of >= last), 60);
  t.step("accepted", { of });
  await leave(t, dan, id);

  const eve = await join(t, "eve", id, names, noSummaries);
  t.check(eve.ops[0].sequenceNumber > of, "a client begins after what a client has summarized");
  names.push("eve");
  write(t, eve);
  await leave(t, eve, id);
  const [fred, gil] = [await join(t, "fred", id, names, noSummaries), await t.client("gil", noSummaries).load(id)];
  names.push("gil");
  write(t, gil);
  await converged([fred, gil]);
  t.same(expected(t, names), fred.state(), "what all hold at the end");
}

/** Loads, and sees all that was written, by the ops that follow the last summary of a client's. */
async function join(t, name, id, names, options) {
  const covered = await summarized(t, id);
  const document = await t.client(name, options).load(id);
  await t.until(`${name} to have what was written`, () => names.every((by) => document.get(`${by} ${edits - 1}`) === edits - 1));
  t.same(expected(t, names), document.state(), `what ${name} loads`);
  const numbers = document.ops.map(({ sequenceNumber }) => sequenceNumber);
  t.same(Array.from(numbers, (_, n) => covered + 1 + n), numbers, `the numbers that ${name} saw`);
  return document;
}

/** What the last accepted summary of a client's was made from; 0 when there is none. */
async function summarized(t, id) {
  const ops = await ask(t, id, `/deltas/${t.tenant}/${id}?from=0&to=1000`);
  const ack = ops.findLast(({ type }) => type === "summaryAck");
  if (!ack) return 0;
  const { summarySequenceNumber } = (typeof ack.contents === "string" ? JSON.parse(ack.contents) : ack.contents).summaryProposal;
  return ops.find(({ sequenceNumber }) => sequenceNumber === summarySequenceNumber).referenceSequenceNumber;
}

/** Waits for the server's summary of after it has left. */
async function leave(t, document, id) {
  await t.until(`${document.name} to be saved`, () => document.saved);
  const last = document.lastSequenceNumber;
  document.dispose();
  let newest;
  const summary = await t.until(() => `a summary of the server's of after ${last}, not ${newest}`, async () => {
    const commits = await ask(t, id, `/repos/${t.tenant}/commits?sha=${id}&count=1`);
    newest = commits[0]?.commit.message;
    return /^Service Summary @(\d+)$/.exec(newest)?.[1] > last && newest;
  });
  t.step("summarized by the server", { after: last, summary });
}

async function ask(t, id, path) {
  const basic = Buffer.from(`${t.tenant}:${sign(t, { document: id })}`).toString("base64");
  const answer = await fetch(`${t.server}${path}`, { headers: { authorization: `Basic ${basic}` } });
  t.same(200, answer.status, `the status of ${path}`);
  return answer.json();
}
