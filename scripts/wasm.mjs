// The outermost layer of WebAssembly's binary format: sections, numbers in LEB128, names.

const HEADER = 8;

export class Reader {
  constructor(bytes, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  byte() {
    return this.bytes[this.at++];
  }

  number() {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  text() {
    const length = this.number();
    this.at += length;
    return this.bytes.toString("utf8", this.at - length, this.at);
  }
}

// The sections of a module: what each is, and where its content begins and ends.
export function sections(bytes) {
  const reader = new Reader(bytes, HEADER);
  const found = [];
  while (reader.at < bytes.length) {
    const id = reader.byte();
    const length = reader.number();
    found.push({ id, at: reader.at, end: reader.at + length });
    reader.at += length;
  }
  return found;
}

// The module with the content of some sections made anew: `changes` has a function for each.
export function rewritten(bytes, changes) {
  const parts = sections(bytes).map(({ id, at, end }) => {
    const content = bytes.subarray(at, end);
    const fresh = changes[id]?.(content) ?? content;
    return Buffer.concat([Buffer.of(id), encoded(fresh.length), fresh]);
  });
  return Buffer.concat([bytes.subarray(0, HEADER), ...parts]);
}

// A number in LEB128, or a text with its length before it.
export function encoded(value) {
  if (typeof value === "string") {
    const text = Buffer.from(value);
    return Buffer.concat([encoded(text.length), text]);
  }
  const bytes = [];
  let rest = value;
  do {
    const more = rest >= 0x80;
    bytes.push((rest % 0x80) | (more ? 0x80 : 0));
    rest = Math.floor(rest / 0x80);
  } while (rest);
  return Buffer.from(bytes);
}
