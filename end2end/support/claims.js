// What a story has for itself and shares with no other, whichever worker runs it.

import { closeSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { CLAIMS } from "./places.js";

// The next number of a kind that nobody has taken in this run.
export function claim(kind) {
  mkdirSync(CLAIMS, { recursive: true });
  for (let number = 1; ; number += 1) {
    try {
      // Made by one alone, however many try.
      closeSync(openSync(join(CLAIMS, `${kind}-${number}`), "wx"));
      return number;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
  }
}
