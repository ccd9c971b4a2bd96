// Waiting for conditions, never for a time, and saying what was waited for when it does not come.

export class Failure extends Error {}

export function check(condition, what) {
  if (!condition) throw new Failure(what);
}

/** Values as JSON, members of objects in order of their names. */
export function stable(value) {
  if (Array.isArray(value)) return `[${value.map(stable).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value) ?? "undefined";
  return `{${Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${stable(value[name])}`).join(",")}}`;
}

const shown = (text) => (text.length > 600 ? `${text.slice(0, 600)}... (${text.length})` : text);

export function same(expected, actual, what) {
  const [a, b] = [stable(expected), stable(actual)];
  if (a === b) return;
  let at = 0;
  while (a[at] === b[at]) at++;
  const from = Math.max(0, at - 40);
  throw new Failure(`${what}: they differ at ${at}\nexpected ${shown(a.slice(from))}\nbut got  ${shown(b.slice(from))}`);
}

const waits = new Set();

/** What is waited for at this moment. */
export const waitedFor = () => [...waits];

export const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Resolves to the first truthy value of the condition. */
export async function until(what, condition, seconds = 30) {
  const name = { toString: () => (typeof what === "function" ? what() : what) };
  waits.add(name);
  try {
    const end = Date.now() + seconds * 1000;
    for (;;) {
      const value = await condition();
      if (value) return value;
      if (Date.now() > end) throw new Failure(`waited ${seconds} s in vain for: ${name}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  } finally {
    waits.delete(name);
  }
}

/** The promise's value, unless it does not come in time. */
export async function within(what, promise, seconds = 30) {
  waits.add(what);
  let timer;
  try {
    return await Promise.race([
      promise,
      new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Failure(`waited ${seconds} s in vain for: ${what}`)), seconds * 1000);
      }),
    ]);
  } finally {
    clearTimeout(timer);
    waits.delete(what);
  }
}
