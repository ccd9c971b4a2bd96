// The lines that whoever started the script writes to it.
import { createInterface } from "node:readline";

/** @returns a function that resolves to the next line. */
export function readLines(stream) {
  let iterator;
  return async () => {
    iterator ??= createInterface({ input: stream })[Symbol.asyncIterator]();
    const { value, done } = await iterator.next();
    if (done) throw new Error("nobody writes lines any more");
    return value;
  };
}
