// The stock client's part on a document that other clients use too.
import { converged } from "../lib/document.mjs";

/**
 * Waits for three others, writes, and waits for what they write: its own first op, sent again with other words. Prints who is there and the
 * text of every frame with ops.
 * @param t.args How many ops each of the others writes, and their names.
 */
export async function stock(t) {
  const [count, ...names] = t.args;
  const proxy = await t.proxy();
  const ann = await t.client("stock", { server: proxy.url, runtimeOptions: t.noSummaries() }).create();
  t.step("created", { id: ann.id, clientId: ann.clientId });
  await t.until("the three others to join", () => ann.members().length === 1 + names.length, 60);
  t.step("together", { audience: ann.members().map(([id, client]) => [id, client.user.id]) });

  const n = Number(count);
  for (let i = 0; i < n; i++) {
    // Alone in its turn: edits of one turn travel as one op, and what the others send again must be one edit.
    ann.set(`from stock ${i}`, `from stock ${i}`);
    await t.until("the op to be sequenced", () => ann.saved);
    ann.notes.insertAtEnd({ by: "stock", text: `${i}` });
  }

  const others = () => names.flatMap((name) => Array.from({ length: n }, (_, i) => `from ${name} ${i}`));
  await t.until(() => `what the others write, ${[...ann.parts.map.keys()].length} entries`, () => others().every((key) => ann.get(key) === key));
  const fresh = await t.client("fresh", { runtimeOptions: t.noSummaries() }).load(ann.id);
  await converged([ann, fresh]);
  t.same(ann.state(), fresh.state(), "what another stock client loads");
  t.same(n, fresh.state().notes.length, "how many notes there are");
  fresh.dispose();
  await t.until("the others to be four again", () => ann.members().length === 1 + names.length);

  ann.set("the end", true);
  await t.until("the end to be sequenced", () => ann.saved);
  const frames = proxy.events("server", "op").filter(({ connection }) => connection === 1).map(({ text }) => text);
  t.step("frames", { frames });
  ann.dispose();
  await t.until("the connection to be closed", () => ann.closed);
}
