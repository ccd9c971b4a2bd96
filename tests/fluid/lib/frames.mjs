// Reads the text messages out of a WebSocket's bytes (RFC 6455, section 5.2), without compression.

export class FrameReader {
  #bytes = Buffer.alloc(0);
  #message = [];
  #afterHeaders;

  constructor(take, { afterHeaders = false } = {}) {
    this.take = take;
    this.#afterHeaders = afterHeaders;
  }

  read(bytes) {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    if (this.#afterHeaders) {
      const end = this.#bytes.indexOf("\r\n\r\n");
      if (end < 0) return;
      this.#bytes = this.#bytes.subarray(end + 4);
      this.#afterHeaders = false;
    }

    while (this.#next());
  }

  #next() {
    const bytes = this.#bytes;
    if (bytes.length < 2) return false;
    let [length, at] = [bytes[1] & 0x7f, 2];
    if (length === 126) {
      if (bytes.length < 4) return false;
      [length, at] = [bytes.readUInt16BE(2), 4];
    } else if (length === 127) {
      if (bytes.length < 10) return false;
      [length, at] = [Number(bytes.readBigUInt64BE(2)), 10];
    }

    const masked = (bytes[1] & 0x80) !== 0;
    const start = masked ? at + 4 : at;
    if (bytes.length < start + length) return false;
    const payload = Buffer.from(bytes.subarray(start, start + length));
    if (masked) for (let i = 0; i < length; i++) payload[i] ^= bytes[at + (i & 3)];
    this.#bytes = bytes.subarray(start + length);
    this.#take(bytes[0], payload);
    return true;
  }

  #take(first, payload) {
    const opcode = first & 0x0f;
    if (opcode > 1) return;
    this.#message.push(payload);
    if ((first & 0x80) === 0) return;
    const text = Buffer.concat(this.#message).toString();
    this.#message = [];
    this.take(text);
  }
}
