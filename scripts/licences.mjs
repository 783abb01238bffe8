// Prints the licences of all crates that the program and the site are made of, each text once, as
// they ask to be passed on with copies. Whatever has no text of its own is named with its licence.

import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

// What is shipped, each for its target.
const SHIPPED = [
  ["crmap-server", "x86_64-unknown-linux-gnu"],
  ["crmap-frontend", "wasm32-unknown-unknown"],
  ["crmap-frontend-cabinet", "wasm32-unknown-unknown"],
];

const packages = new Map();
for (const [root, target] of SHIPPED) {
  for (const one of shippedWith(root, target)) packages.set(one.id, one);
}
const sorted = [...packages.values()].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
console.log("CRMAP is made with the work of others. These are their packages and licences.\n");
for (const one of sorted) console.log(`${nameOf(one)}  ${one.license ?? "see its text below"}`);
for (const [text, of] of texts(sorted)) {
  console.log(`\n${"-".repeat(80)}\n${of.map(nameOf).join(", ")}\n\n${text}`);
}

// The crates from elsewhere that become part of a package: what runs while it is built or tested
// does not.
function shippedWith(root, target) {
  const said = execFileSync(
    "cargo",
    ["metadata", "--locked", "--offline", "--format-version=1", `--filter-platform=${target}`],
    { maxBuffer: 1 << 28, stdio: ["ignore", "pipe", "inherit"] },
  );
  const { packages: all, resolve } = JSON.parse(said);
  const known = new Map(all.map((one) => [one.id, one]));
  const needs = new Map(resolve.nodes.map((node) => [node.id, node.deps]));
  const found = new Set();
  const open = [all.find((one) => one.name === root && one.source === null).id];
  while (open.length > 0) {
    const id = open.pop();
    if (found.has(id)) continue;
    found.add(id);
    const shipped = needs.get(id).filter((need) => need.dep_kinds.some(({ kind }) => kind === null));
    open.push(...shipped.map((need) => need.pkg));
  }
  return [...found].map((id) => known.get(id)).filter((one) => one.source !== null);
}

function nameOf({ name, version }) {
  return `${name} ${version}`;
}

// Each text of a licence with the packages that have it.
function texts(packages) {
  const found = new Map();
  for (const one of packages) {
    const folder = dirname(one.manifest_path);
    const files = readdirSync(folder).filter((file) => /^(licen[cs]e|copying|notice|copyright)/i.test(file));
    for (const file of files.sort()) {
      const text = read(join(folder, file));
      if (text) found.set(text, [...(found.get(text) ?? []), one]);
    }
  }
  return found;
}

// Some keep their licences in a folder of that name.
function read(path) {
  try {
    return readFileSync(path, "utf8").replaceAll("\r\n", "\n").trim();
  } catch (error) {
    if (error.code !== "EISDIR") throw error;
    return readdirSync(path).sort().map((file) => read(join(path, file))).join("\n\n");
  }
}
