// Checks that what the documents name is there: the targets of links with their headings, files and
// folders, rooms like `service::fleet`, scripts with their flags, and variables of the environment. Each time
// it is proved first that one of each that leads nowhere is found; with --prove nothing else is done.

import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

import { files } from "./tree.mjs";

// Folders of crates, by the names that rooms begin with.
const CRATES = ["app", "bitrix", "crashbox", "crm", "domain", "export", "fuzz", "load", "server", "service", "store"];
// What is there only after a command made it.
const MADE = ["end2end/test-results"];
// How many of each there are at the least: fewer are not fewer mistakes, but a search that has gone blind.
const LEAST = { documents: 15, links: 100, headings: 30, files: 200, rooms: 150, flags: 3, variables: 80 };
// What leads nowhere, a sentence of a document each. The last is put together, since this file is looked
// through for variables as well.
const PLANTED = {
  link: "[nowhere](nowhere.md)",
  heading: "[nowhere](#nowhere)",
  file: "`app/src/nowhere.rs`",
  name: "`nowhere.rs`",
  room: "`service::nowhere`",
  item: "`bitrix::Opening::nowhere`",
  flag: "`scripts/check --nowhere`",
  "flag in a block": "```\nscripts/check --nowhere\n```",
  variable: `\`CRMAP_${"NOWHERE"}\``,
};

const all = files(".", () => true);
const names = new Set(all.map((path) => basename(path)));
const tops = new Set(all.map((path) => path.split("/")[0]));
const readable = all.filter((path) => /\.(md|rs|mjs|js|sh|toml|yaml)$|^scripts\/[^.]+$/.test(path));
const texts = new Map(readable.map((path) => [path, readFileSync(path, "utf8")]));
const documents = [...texts.keys()].filter((path) => path.endsWith(".md"));
const sources = [...texts].filter(([path]) => !path.endsWith(".md"));
const variables = new Set(sources.flatMap(([, text]) => variablesIn(text)));

const looked = Object.fromEntries(Object.keys(LEAST).map((kind) => [kind, 0]));

const blind = Object.keys(PLANTED).filter((kind) => !finds(PLANTED[kind]));
tell(blind.map((kind) => `a wrong ${kind} is not found`));
console.error(`  ${Object.keys(PLANTED).length} planted mistakes were found`);
if (process.argv.includes("--prove")) process.exit();

for (const kind of Object.keys(looked)) looked[kind] = 0;
tell(documents.flatMap((path) => document(path, texts.get(path)).map((what) => `${path}: ${what}`)));
const few = Object.keys(LEAST).filter((kind) => looked[kind] < LEAST[kind]);
tell(few.map((kind) => `only ${looked[kind]} ${kind} were looked at`));
console.error(`  ${Object.entries(looked).map(([kind, count]) => `${count} ${kind}`).join(", ")}`);

// Says what is wrong, where anything is, and ends in failure.
function tell(wrong) {
  for (const line of wrong) console.error(`  ${line}`);
  if (wrong.length) process.exit(1);
}

// Whether what is planted at the end of a document is the one thing more that is wrong there.
function finds(planted) {
  const [path] = documents;
  const text = texts.get(path);
  return document(path, `${text}\n\n${planted}\n`).length === document(path, text).length + 1;
}

function document(path, text) {
  const prose = text.replaceAll(/```.*?```/gs, "");
  const blocks = [...text.matchAll(/```\w*\n(.*?)```/gs)].flatMap(([, block]) => block.split("\n"));
  looked.documents += 1;
  const spans = [...prose.matchAll(/`([^`\n]+)`/g)].map(([, span]) => span);
  return [
    ...[...prose.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, to]) => link(path, to)),
    ...spans.flatMap((span) => [...place(path, span), ...room(span)]),
    ...[...spans, ...blocks].flatMap(script),
    ...variablesIn(text).flatMap(variable),
  ];
}

// --- links ---------------------------------------------------------------------------------------

function link(from, to) {
  if (/^(https?|mailto):/.test(to)) return [];
  const [file, heading] = to.split("#");
  looked.links += 1;
  const path = file ? join(dirname(from), file) : from;
  if (!existsSync(path)) return [`a link leads to ${to}`];
  if (!heading || !texts.has(path)) return [];
  looked.headings += 1;
  return headings(texts.get(path)).includes(heading) ? [] : [`no heading for ${to}`];
}

// As GitHub, Gitea and Forgejo make them.
function headings(text) {
  const lines = text.split("\n").filter((line) => /^#+ /.test(line));
  return lines.map((line) =>
    line.replace(/^#+ /, "").toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, "").replaceAll(" ", "-"),
  );
}

// --- files and folders ---------------------------------------------------------------------------

// `store/src/pace.rs`, `service/src/fleet`, `end2end/stories/…`, `keys.spec.js`. What is in capitals stands for
// any name.
function place(from, span) {
  const path = span.replace(/\/?[…*]*$/, "");
  if (/[^\w./-]/.test(path) || /(^|\/)[A-Z]{4,}\b(?!\.md)/.test(path)) return [];
  if (!path.includes("/")) return name(path);
  if (!tops.has(path.split("/")[0]) || MADE.some((folder) => path.startsWith(folder))) return [];
  looked.files += 1;
  const places = [path, `${path}.rs`, join(dirname(from), path)];
  return places.some((place) => existsSync(place)) ? [] : [`there is no ${path}`];
}

function name(path) {
  if (!/^[\w.-]+\.(rs|m?js|css)$/.test(path)) return [];
  looked.files += 1;
  return names.has(path) ? [] : [`no file ${path}`];
}

// --- rooms ---------------------------------------------------------------------------------------

// `service::cabinet::linking`, `bitrix::Opening::parse`: modules, then perhaps something in them.
function room(span) {
  const [crate, ...parts] = /^[a-z_]+(::\w+)+/.exec(span)?.[0].split("::") ?? [];
  if (!CRATES.includes(crate)) return [];
  looked.rooms += 1;
  let folder = `${crate}/src`;
  while (parts.length && [folder, `${folder}.rs`].some((path) => existsSync(path))) {
    const within = join(folder, parts[0]);
    if (!existsSync(within) && !existsSync(`${within}.rs`)) break;
    folder = within;
    parts.shift();
  }
  const inside = sources.filter(([path]) => path === `${folder}.rs` || path.startsWith(`${folder}/`));
  const lost = parts.find((part) => !inside.some(([, text]) => defines(text, part)));
  return lost ? [`no ${lost} in ${folder}, for ${span}`] : [];
}

function defines(text, name) {
  const item = `\\b(fn|struct|enum|trait|const|mod|type|static|macro_rules!) ${name}\\b`;
  return new RegExp(`${item}|\\bpub use .*\\b${name}\\b`).test(text);
}

// --- scripts -------------------------------------------------------------------------------------

// `scripts/bench --loads`; words of `scripts/setup run|test` are not looked at.
function script(line) {
  const [command, ...words] = line.trim().split(/\s+/);
  if (!/^scripts\/[\w-]+$/.test(command) || !texts.has(command)) return [];
  const flags = words.map((word) => /^--[\w-]+/.exec(word)?.[0]).filter(Boolean);
  looked.flags += flags.length;
  return flags.filter((flag) => !texts.get(command).includes(flag)).map((flag) => `${command} has no ${flag}`);
}

// --- variables -----------------------------------------------------------------------------------

function variable(name) {
  looked.variables += 1;
  return variables.has(name) ? [] : [`nothing asks for ${name}`];
}

function variablesIn(text) {
  return [...text.matchAll(/\b(?:CRMAP|CRASHBOX|BENCH)_[A-Z_]*[A-Z]\b/g)].map(([name]) => name);
}
