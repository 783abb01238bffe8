// Checks that what docs/SECURITY.md and docs/asvs.csv call a proof is there: tests by their names,
// stories by their titles, files by their paths; that docs/SECURITY.md has a row for each promise; and
// that docs/asvs.csv has each requirement of ASVS 5.0.0, levels 1 and 2, exactly once.

import { existsSync, readFileSync } from "node:fs";

import { files } from "./tree.mjs";

const GUIDE = "docs/SECURITY.md";
const TABLE = "docs/asvs.csv";
const COLUMNS = "id,level,status,evidence,note";
const STATUSES = ["met", "partly", "open", "operator", "n/a"];

// The level of each requirement of a section, in their order; those of level 3 are left out.
const ASVS = `
  1.1:22 1.2:1111122223 1.3:112222222223 1.4:222 1.5:123 2.1:122 2.2:112 2.3:12223 2.4:23 3.2:113
  3.3:12223 3.4:11222233 3.5:11122333 3.7:22333 4.1:12233 4.2:23333 4.3:22 4.4:1222 5.1:2 5.2:112333
  5.3:113 5.4:222 6.1:122 6.2:111111112222 6.3:11223333 6.4:112233 6.5:22222333 6.6:2223 6.8:2222
  7.1:222 7.2:1111 7.3:22 7.4:11222 7.5:223 7.6:22 8.1:1233 8.2:1123 8.3:133 8.4:23 9.1:111 9.2:1222
  10.1:22 10.2:223 10.3:22223 10.4:1111122222233333 10.5:22222 10.6:22 10.7:222 11.1:2233 11.2:22233
  11.3:11233 11.4:1222 11.5:23 11.6:23 12.1:12233 12.2:11 12.3:22223 13.1:2333 13.2:222223 13.3:2233
  13.4:1222233 14.1:22 14.2:12223333 14.3:122 15.1:12233 15.2:12233 15.3:1222222 16.1:2 16.2:22222
  16.3:2222 16.4:222 16.5:2223 17.1:23 17.2:22223333 17.3:22`;

// The promises that docs/SECURITY.md has to have a row for.
const PROMISES = [
  ...numbers("SEC", [1, 27], [30, 57], [60, 71], [75, 78], [80, 85]),
  ...numbers("REL", [1, 33], [40, 44], [50, 53]),
];

const rust = files(".", (name) => name.endsWith(".rs"));
const tests = new Set(rust.flatMap((path) => testsOf(path)));
const stories = new Set(files("end2end/stories", (name) => name.endsWith(".spec.js")).flatMap(storiesOf));
const wrong = [...guide(readFileSync(GUIDE, "utf8")), ...table(readFileSync(TABLE, "utf8"))];
for (const line of wrong) console.error(`  ${line}`);
console.error(`  ${tests.size} tests and ${stories.size} stories to be named`);
process.exit(wrong.length ? 1 : 0);

// --- what there is -----------------------------------------------------------------------------

// Functions marked as tests, and the names that macros of ours make tests of: `on_both! { a b }`,
// `rel_03! { a: …; }`, `proptest! { fn a(…) }`.
function testsOf(path) {
  const found = [];
  let marked = false;
  let makers = null;
  for (const line of readFileSync(path, "utf8").split("\n")) {
    const maker = /^( *)(?:crate::)?(on_both|proptest|rel_\d+(?:_\w+)?)! \{/.exec(line);
    if (maker) makers = maker[1];
    else if (makers !== null && line === `${makers}}`) makers = null;
    const name = /^\s*(?:pub )?(?:async )?fn (\w+)/.exec(line)?.[1];
    if (name && (marked || makers !== null)) found.push(name);
    const made = makers !== null && /^\s+(\w+)(?:$|: )/.exec(line)?.[1];
    if (made) found.push(made);
    if (/^\s*#\[(?:tokio::)?test\b/.test(line)) marked = true;
    else if (!/^\s*(?:#\[|\/\/|$)/.test(line)) marked = false;
  }
  return found;
}

function storiesOf(path) {
  return [...readFileSync(path, "utf8").matchAll(/\btest\(\s*"((?:[^"\\]|\\.)+)"/g)].map((hit) => hit[1]);
}

// --- what is said ------------------------------------------------------------------------------

// A proof: `story: TITLE`, `file: PATH`, `file: PATH # WORDS IN IT`, or the name of a test, which may
// end in `*`.
function missing(proof) {
  const [kind, rest] = proof.includes(": ") ? proof.split(/: (.*)/s) : ["test", proof];
  if (kind === "story") return stories.has(rest) ? [] : [`no story «${rest}»`];
  if (kind === "file") return missingFile(...rest.split(" # "));
  if (kind !== "test") return [`«${proof}» is no proof`];
  return has(rest) ? [] : [`no test ${rest}`];
}

function missingFile(path, words) {
  if (!existsSync(path)) return [`no file ${path}`];
  if (words && !readFileSync(path, "utf8").includes(words)) return [`${path} does not say «${words}»`];
  return [];
}

function has(name) {
  if (!name.endsWith("*")) return tests.has(name);
  const start = name.slice(0, -1);
  return [...tests].some((test) => test.startsWith(start));
}

// Names in the guide: everything in backticks that looks like the name of a test.
function guide(text) {
  const named = [...text.matchAll(/`([a-z]+\d*(?:_[a-z0-9]+){2,}_?\*?)`/g)].map((hit) => hit[1]);
  const rows = [...text.matchAll(/^\| ((?:SEC|REL)-\d\d) \|/gm)].map((hit) => hit[1]);
  return [
    ...named.filter((name) => !has(name)).map((name) => `${GUIDE}: no test ${name}`),
    ...PROMISES.filter((promise) => !rows.includes(promise)).map((promise) => `${GUIDE}: no row for ${promise}`),
    ...twice(rows).map((row) => `${GUIDE}: ${row} stands there twice`),
  ];
}

function table(text) {
  const [head, ...rows] = text.trimEnd().split("\n").map(cells);
  const wanted = requirements();
  const ids = rows.map(([id]) => id);
  return [
    ...(head.join() === COLUMNS ? [] : [`${TABLE} does not begin with ${COLUMNS}`]),
    ...[...wanted.keys()].filter((id) => !ids.includes(id)).map((id) => `${TABLE}: ${id} is missing`),
    ...twice(ids).map((id) => `${TABLE}: ${id} stands there twice`),
    ...rows.flatMap((row) => requirement(row, wanted).map((what) => `${TABLE}: ${row[0]}: ${what}`)),
  ];
}

function requirement([id, level, status, evidence, note], wanted) {
  const proofs = evidence ? evidence.split("; ") : [];
  return [
    ...(wanted.get(id) === level ? [] : [`no requirement of level ${level}`]),
    ...(STATUSES.includes(status) ? [] : [`no such status: ${status}`]),
    ...(["met", "partly"].includes(status) && !proofs.length ? ["nothing proves it"] : []),
    ...(status !== "met" && !note ? ["why?"] : []),
    ...proofs.flatMap(missing),
  ];
}

function requirements() {
  const wanted = new Map();
  for (const section of ASVS.trim().split(/\s+/)) {
    const [name, levels] = section.split(":");
    [...levels].forEach((level, at) => level < "3" && wanted.set(`V${name}.${at + 1}`, level));
  }
  return wanted;
}

// The cells of a line; quotes are doubled, and no cell has a line break.
function cells(line) {
  const found = [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)];
  return found.map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain);
}

function numbers(kind, ...ranges) {
  return ranges.flatMap(([from, to]) =>
    Array.from({ length: to - from + 1 }, (_, at) => `${kind}-${String(from + at).padStart(2, "0")}`),
  );
}

function twice(names) {
  return [...new Set(names.filter((name, at) => names.indexOf(name) !== at))];
}
