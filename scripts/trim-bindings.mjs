// Gives what a module and its script call each other by short names, and takes out of the script what
// the module does not call any more: `node trim-bindings.mjs SCRIPT WASM OUT`. SCRIPT comes from
// wasm-bindgen, WASM from there by way of wasm-opt; OUT is the folder for both, `crmap.js` and
// `crmap.wasm`. The names of wasm-bindgen end in hashes, which no compression makes smaller.

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { encoded, rewritten, Reader } from "./wasm.mjs";

const IMPORTS = 2;
const EXPORTS = 7;
const FUNCTION = 0;
// What wasm-bindgen calls the script in the module.
const SCRIPT = "./crmap_bg.js";

const [scriptPath, wasmPath, out] = process.argv.slice(2);
const called = new Map();
const offered = new Map();
const found = new Set();
const wasm = rewritten(await readFile(wasmPath), { [IMPORTS]: imports, [EXPORTS]: exports });
const script = trimmed(await readFile(scriptPath, "utf8"));
await writeFile(join(out, "crmap.wasm"), wasm);
await writeFile(join(out, "crmap.js"), script);

// a, b, …, z, A, …, Z, aa, …
function short(number) {
  const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  const last = letters[number % letters.length];
  return number < letters.length ? last : short(Math.floor(number / letters.length) - 1) + last;
}

function imports(section) {
  const reader = new Reader(section);
  const count = reader.number();
  const parts = [encoded(count)];
  for (let index = 0; index < count; index++) {
    const [from, name, kind, type] = [reader.text(), reader.text(), reader.byte(), reader.number()];
    if (from !== SCRIPT || kind !== FUNCTION) throw new Error(`${wasmPath} imports ${from} ${name}`);
    called.set(name, short(index));
    parts.push(encoded("a"), encoded(short(index)), Buffer.of(kind), encoded(type));
  }
  return Buffer.concat(parts);
}

function exports(section) {
  const reader = new Reader(section);
  const count = reader.number();
  const parts = [encoded(count)];
  for (let index = 0; index < count; index++) {
    const [name, kind, which] = [reader.text(), reader.byte(), reader.number()];
    offered.set(name, short(index));
    parts.push(encoded(short(index)), Buffer.of(kind), encoded(which));
  }
  return Buffer.concat(parts);
}

function taken(name) {
  found.add(name);
  return called.get(name);
}

function trimmed(script) {
  const text = script
    // Streams that Rust hands out: see trim-wasm.mjs.
    .replace(/^export class IntoUnderlying\w+ \{\n[\s\S]*?^\}\n(?:if \(Symbol\.dispose\).*\n)?/gm, "")
    .replace(/^const IntoUnderlying\w+ = [\s\S]*?;\n/gm, "")
    // The functions that the module may call, each from its name to its end.
    .replace(/^ {8}(\w+): (function[\s\S]*?^ {8}\}.*\n)/gm, (_, name, body) =>
      called.has(name) ? `        ${taken(name)}: ${body}` : "",
    )
    .replace(`"${SCRIPT}"`, '"a"')
    .replace(/\bwasm\.(\w+)/g, (_, name) => `wasm.${offered.get(name) ?? name}`);
  const lost = [...called.keys()].filter((name) => !found.has(name));
  if (lost.length || text.includes("__wbg_intounderlying") || text.includes(SCRIPT)) {
    throw new Error(`${scriptPath} is not written as it used to be: ${lost.length} functions are missing`);
  }
  return text;
}
