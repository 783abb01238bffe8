// Keeps the list of third-party crates whose code runs while CRMAP is built: build scripts and
// procedural macros. Reads what `cargo metadata --locked --all-features --format-version 1` prints.
//
//   node scripts/build-code.mjs LIST          says what is not in the list, or is there in vain
//   node scripts/build-code.mjs LIST --write  writes the list anew

import { readFileSync, writeFileSync } from "node:fs";

const HEAD = `# Third-party crates whose code runs while CRMAP is built, with what it may do there: anything that
# whoever builds may do. Made by \`scripts/supply-chain --write\`; scripts/check compares it with
# Cargo.lock, so that such code comes in, or changes, before somebody's eyes. To be looked at in each
# line that is new: that it asks the network for nothing, and writes nowhere but into its own output.
#
# name version kind
`;

const [list, mode] = process.argv.slice(2);
const found = lines(JSON.parse(readFileSync(0, "utf8")));
if (mode === "--write") {
  writeFileSync(list, `${HEAD}${found.join("\n")}\n`);
} else {
  process.exit(differences(found, written(list)) ? 1 : 0);
}

function lines({ packages }) {
  return packages
    .filter((crate) => crate.source)
    .map((crate) => ({ crate, kinds: kinds(crate) }))
    .filter(({ kinds }) => kinds.length)
    .map(({ crate, kinds }) => `${crate.name} ${crate.version} ${kinds.join("+")}`)
    .sort();
}

function kinds(crate) {
  const all = new Set(crate.targets.flatMap((target) => target.kind));
  return [
    ...(all.has("custom-build") ? ["build-script"] : []),
    ...(all.has("proc-macro") ? ["macro"] : []),
  ];
}

function written(list) {
  return readFileSync(list, "utf8")
    .split("\n")
    .filter((line) => line && !line.startsWith("#"));
}

function differences(found, known) {
  const missing = found.filter((line) => !known.includes(line));
  const gone = known.filter((line) => !found.includes(line));
  for (const line of missing) console.error(`  not looked at yet: ${line}`);
  for (const line of gone) console.error(`  no longer there: ${line}`);
  if (missing.length + gone.length) {
    console.error("  look at what is new, then: scripts/supply-chain --write");
  }
  return missing.length + gone.length;
}
