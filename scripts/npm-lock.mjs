// Refuses a package-lock.json that does not say of each package what its bytes are, or that names an
// address: packages come from the registry that npm is set to, and from nowhere else.
//
//   node scripts/npm-lock.mjs end2end/package-lock.json

import { readFileSync } from "node:fs";

const { lockfileVersion, packages } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const wrong = Object.entries(packages).filter(([path]) => path).flatMap(([path, entry]) => problems(path, entry));
if (lockfileVersion < 3) wrong.push(`version ${lockfileVersion} of the lock file is too old`);
for (const line of wrong) console.error(`  ${line}`);
process.exit(wrong.length ? 1 : 0);

function problems(path, { integrity, resolved, link }) {
  const found = [];
  if (link) found.push(`${path} is a link`);
  if (!integrity?.startsWith("sha512-")) found.push(`${path} has no SHA-512`);
  if (resolved) found.push(`${path} comes from ${resolved}`);
  return found;
}
