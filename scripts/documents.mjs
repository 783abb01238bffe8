// Checks that what the documents name is there: the targets of links with their headings, files and
// folders, rooms like `service::fleet`, scripts with their flags, and variables of the environment.

import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

import { files } from "./tree.mjs";

// Folders of crates, by the names that rooms begin with.
const CRATES = ["app", "bitrix", "crashbox", "crm", "domain", "export", "fuzz", "load", "server", "service", "store"];
// What is there only after a command made it.
const MADE = ["end2end/test-results"];

const all = files(".", () => true);
const names = new Set(all.map((path) => basename(path)));
const tops = new Set(all.map((path) => path.split("/")[0]));
const readable = all.filter((path) => /\.(md|rs|mjs|js|sh|toml|yaml)$|^scripts\/[^.]+$/.test(path));
const texts = new Map(readable.map((path) => [path, readFileSync(path, "utf8")]));
const documents = [...texts.keys()].filter((path) => path.endsWith(".md"));
const sources = [...texts].filter(([path]) => !path.endsWith(".md"));
const variables = new Set(sources.flatMap(([, text]) => variablesIn(text)));

const wrong = documents.flatMap((path) => document(path, texts.get(path)).map((what) => `${path}: ${what}`));
for (const line of wrong) console.error(`  ${line}`);
console.error(`  ${documents.length} documents`);
process.exit(wrong.length ? 1 : 0);

function document(path, text) {
  const prose = text.replaceAll(/```.*?```/gs, "");
  const blocks = [...text.matchAll(/```\w*\n(.*?)```/gs)].flatMap(([, block]) => block.split("\n"));
  const spans = [...prose.matchAll(/`([^`\n]+)`/g)].map(([, span]) => span);
  return [
    ...[...prose.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, to]) => link(path, to)),
    ...spans.flatMap((span) => [...place(path, span), ...room(span)]),
    ...[...spans, ...blocks].flatMap(script),
    ...variablesIn(text).filter((name) => !variables.has(name)).map((name) => `nothing asks for ${name}`),
  ];
}

// --- links ---------------------------------------------------------------------------------------

function link(from, to) {
  if (/^(https?|mailto):/.test(to)) return [];
  const [file, heading] = to.split("#");
  const path = file ? join(dirname(from), file) : from;
  if (!existsSync(path)) return [`a link leads to ${to}`];
  const lost = heading && texts.has(path) && !headings(texts.get(path)).includes(heading);
  return lost ? [`no heading for ${to}`] : [];
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
  if (!path.includes("/")) return /^[\w.-]+\.(rs|m?js|css)$/.test(path) && !names.has(path) ? [`no file ${path}`] : [];
  if (!tops.has(path.split("/")[0]) || MADE.some((folder) => path.startsWith(folder))) return [];
  const places = [path, `${path}.rs`, join(dirname(from), path)];
  return places.some((place) => existsSync(place)) ? [] : [`there is no ${path}`];
}

// --- rooms ---------------------------------------------------------------------------------------

// `service::cabinet::linking`, `bitrix::Opening::parse`: modules, then perhaps something in them.
function room(span) {
  const [crate, ...parts] = /^[a-z_]+(::\w+)+/.exec(span)?.[0].split("::") ?? [];
  if (!CRATES.includes(crate)) return [];
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
  return flags.filter((flag) => !texts.get(command).includes(flag)).map((flag) => `${command} has no ${flag}`);
}

// --- variables -----------------------------------------------------------------------------------

function variablesIn(text) {
  return [...text.matchAll(/\b(?:CRMAP|CRASHBOX|BENCH)_[A-Z_]*[A-Z]\b/g)].map(([name]) => name);
}
