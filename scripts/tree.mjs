// The files of the repository, for scripts that look through it.

import { readdirSync } from "node:fs";
import { join } from "node:path";

const NOT_OURS = ["target", "node_modules", ".git", "dist", "test-results", "playwright-report"];

// All files below a folder whose names are wanted; what is built or downloaded is left out.
export function files(folder, wanted) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (NOT_OURS.includes(entry.name)) return [];
    if (entry.isDirectory()) return files(path, wanted);
    return wanted(entry.name) ? [path] : [];
  });
}
