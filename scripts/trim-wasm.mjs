// Takes out of a WebAssembly module what no browser ever uses: `node trim-wasm.mjs IN OUT`. IN comes
// from wasm-bindgen with the names of its functions in it; wasm-opt shrinks what is left.
//
// A panic ends the module (panic = "abort") and writes its message to a standard error that
// WebAssembly in a browser does not have. Here it ends at once: functions that do nothing but panic trap, so
// that their callers need no message and no place in the source, and the places in the source are
// blanked in the data. What is checked stays checked.
//
// Streams that Rust hands to JavaScript have exports of their own, which keep their code alive; no page
// makes such a stream.

import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Reader, sections } from "./wasm.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const library = createRequire(join(root, "end2end/package.json")).resolve("binaryen");
const { default: binaryen } = await import(pathToFileURL(library));

// Functions that never return, by the path of their name without hashes.
const PANICS = [
  /^core::panicking::/,
  /^core::(option|result)::(unwrap|expect)_failed$/,
  /^core::slice::index::slice_\w+_fail$/,
  /^core::str::slice_error_fail/,
  /^core::cell::(\w+::)?panic_\w+$/,
  /^core::slice::(\w+::)*len_mismatch_fail/,
  /^core::slice::sort::shared::smallsort::panic_on_ord_violation$/,
  /^alloc::(raw_vec::(handle_error|capacity_overflow)|alloc::handle_alloc_error)$/,
  /^alloc::vec::.*::assert_failed$/,
  /^std::(panicking::|thread::local::panic_access_error$)/,
  /^<?hashbrown::raw::Fallibility>?::(capacity_overflow|alloc_err)$/,
  /^bytes::panic_\w+$/,
];
const STREAMS = /^(__wbg_)?intounderlying(bytesource|sink|source)_/;
// A place in the source as panics carry it: where its file's name stands, how long that is, line, column.
const PLACE_BYTES = 16;
const DATA = 11;
const CONSTANT = 0x41;
const SOURCE_FILE = /^[\w./+-]+\.rs$/;

const [from, to] = process.argv.slice(2);
await writeFile(to, trimmed(withoutPlaces(await readFile(from))));

function trimmed(bytes) {
  binaryen.setDebugInfo(true);
  const module = binaryen.readBinary(bytes);
  const silenced = functionsOf(module).filter(({ name }) => PANICS.some((panic) => panic.test(plain(name))));
  if (!silenced.length) throw new Error(`no function that panics is known by its name in ${from}`);
  for (const { reference } of silenced) binaryen.Function.setBody(reference, module.unreachable());
  const unused = exportsOf(module).filter((name) => STREAMS.test(name));
  for (const name of unused) module.removeExport(name);
  console.error(`  ${silenced.length} functions trap instead of panicking, ${unused.length} exports removed`);
  return module.emitBinary();
}

function functionsOf(module) {
  return Array.from({ length: module.getNumFunctions() }, (_, index) => {
    const reference = module.getFunctionByIndex(index);
    const { name, module: imported } = binaryen.getFunctionInfo(reference);
    return { reference, name, imported };
  }).filter(({ imported }) => !imported);
}

function exportsOf(module) {
  return Array.from(
    { length: module.getNumExports() },
    (_, index) => binaryen.getExportInfo(module.getExportByIndex(index)).name,
  );
}

// A function's name without the hashes of either way to write them.
function plain(name) {
  return name.replace(/\[[0-9a-f]{16}\]/g, "").replace(/::h[0-9a-f]{16}$/, "");
}

// The same module with blanks for the places in the source, and for the names of the files.
function withoutPlaces(bytes) {
  const data = dataOf(bytes);
  const files = new Map();
  let places = 0;
  for (const { address, at, length } of data) {
    for (let offset = (4 - (address % 4)) % 4; offset + PLACE_BYTES <= length; offset += 4) {
      const file = fileAt(bytes, data, at + offset);
      if (!file) continue;
      files.set(file.at, file.length);
      // A name of no letters at an address that is not null.
      bytes.fill(0, at + offset, at + offset + PLACE_BYTES);
      bytes[at + offset] = 1;
      places += 1;
    }
  }
  for (const [at, length] of files) bytes.fill(0, at, at + length);
  console.error(`  ${places} places in ${files.size} files of the source blanked`);
  return bytes;
}

// The name of the file that a place at this offset would have, where it is one.
function fileAt(bytes, data, at) {
  const [address, length, line, column] = [0, 4, 8, 12].map((more) => bytes.readUInt32LE(at + more));
  if (length < 4 || length > 300 || line < 1 || line > 100_000 || column < 1 || column > 1000) return null;
  const segment = data.find((one) => address >= one.address && address + length <= one.address + one.length);
  if (!segment) return null;
  const start = segment.at + address - segment.address;
  const name = bytes.toString("latin1", start, start + length);
  return SOURCE_FILE.test(name) ? { at: start, length } : null;
}

// The segments of a module's data: where in memory they begin, where in the file, and how long they are.
function dataOf(bytes) {
  const section = sections(bytes).find(({ id }) => id === DATA);
  const reader = new Reader(bytes, section.at);
  return Array.from({ length: reader.number() }, () => {
    // Active, in the one memory, at a constant: what linkers write.
    if (reader.byte() !== 0 || reader.byte() !== CONSTANT) throw new Error(`${from} has data of another kind`);
    // Addresses are signed numbers; memory is far from being so large that one would be negative.
    const address = reader.number();
    reader.at += 1;
    const length = reader.number();
    const at = reader.at;
    reader.at += length;
    return { address, at, length };
  });
}
