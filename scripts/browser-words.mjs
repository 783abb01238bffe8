// Refuses WebAssembly that carries what is the server's alone (SEC-85): statements of SQL, names of
// settings, of secrets and of crates that only the server has, and where things lie on the machine
// that built it.
//
//   node scripts/browser-words.mjs FOLDER

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const FORBIDDEN = [
  /\bSELECT .{1,80} FROM\b/i,
  /\bINSERT INTO\b/i,
  /\bDELETE FROM\b/i,
  /\bUPDATE [a-z_]+ SET\b/i,
  /\bCREATE (TABLE|INDEX)\b/i,
  /\bCRMAP_[A-Z]/,
  /client_secret|application_token|refresh_token|REFRESH_ID/,
  /postgres|sqlite|sqlx/i,
  /crmap[_-](service|store|bitrix|server|export)/,
  /\b(tokio|hyper|reqwest|rustls|lettre|argon2|chacha20poly1305)[-_/:]/,
  /\/(root|home|Users|work|builds?)\/[^\0]{0,40}/,
];

const folder = process.argv[2];
const modules = readdirSync(folder).filter((name) => name.endsWith(".wasm"));
const found = modules.flatMap((name) => words(name));
for (const line of found) console.error(`  ${line}`);
if (!modules.length) console.error(`  no WebAssembly in ${folder}`);
process.exit(found.length || !modules.length ? 1 : 0);

function words(name) {
  const text = readFileSync(join(folder, name)).toString("latin1");
  return FORBIDDEN.flatMap((pattern) => {
    const hit = pattern.exec(text);
    if (!hit) return [];
    const around = text.slice(Math.max(0, hit.index - 30), hit.index + 60);
    return [`${name}: ${pattern} in «${around.replace(/[^ -~]/g, "·")}»`];
  });
}
