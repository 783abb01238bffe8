// Where everything is while the stories run. The ports differ from those of scripts/run, so that
// both can run at once.

import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../..");
// Where something else has these ports, all of them are moved on by so many.
export const SHIFT = Number(process.env.CRMAP_STORIES_SHIFT ?? 0);
const CLOUD_PORT = 8700 + SHIFT;

export const APP = `http://127.0.0.1:${3100 + SHIFT}`;
export const CLOUD = `http://127.0.0.1:${CLOUD_PORT}`;
// Where the stories' mail goes, and where they read it.
export const SMTP = `smtp://127.0.0.1:${8790 + SHIFT}`;
export const MAILBOX = `http://127.0.0.1:${8791 + SHIFT}`;
export const SITE = join(ROOT, "dist/site");
export const SCRIPTS = join(ROOT, "scripts");
export const DATABASE = join(ROOT, "end2end/test-results/database");
// Which portals, people and addresses of the network stories have taken for themselves.
export const CLAIMS = join(ROOT, "end2end/test-results/claims");
export const CLIENT_ID = "app.sim";
export const CLIENT_SECRET = "simulated-client-secret";
export const PICTURES = join(ROOT, "end2end/pictures");
export const SCREENS = join(ROOT, "end2end/test-results/screens");

// The portals that stories share which only read; for each worker one whose faults disturb nobody, and
// one on which the application comes and goes; two on which every text is an attack.
export const DEMO = 1;
export const LARGE = 2;
export const EMPTY = 3;
const demos = (count) => Array(count).fill("demo");
// The last one is the world of all portals after it.
export const SEEDS = ["demo", "large", "empty", ...demos(10), "hostile", "hostile", "demo"];
export const ownPortal = (worker) => 4 + worker;
// Four for each worker in turn: a portal allows only so many requests in a while.
export const HOSTILE = [14, 15];
export const livingPortal = (worker, turn) => 6 + worker + 2 * (turn % 4);
// Demo portals that one story takes and no other has: what is linked to cabinets is told of for long,
// and a portal allows only so many tries of tokens.
export const PORTALS = 233;
export const takenPortal = (number) => {
  const portal = SEEDS.length + number;
  if (portal > PORTALS) throw new Error("All portals are taken: raise PORTALS in places.js");
  return portal;
};

export const portalUrl = (number) => `http://127.0.0.${number + 1}:${CLOUD_PORT}`;

// A release build of ours.
export const binary = (name) => join(process.env.CARGO_TARGET_DIR ?? join(ROOT, "target"), "release", name);
