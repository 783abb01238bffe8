// Where everything is while the stories run. The ports differ from those of scripts/run, so that
// both can run at once.

import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../..");
const CLOUD_PORT = 8700;

export const APP = "http://127.0.0.1:3100";
export const CLOUD = `http://127.0.0.1:${CLOUD_PORT}`;
// Where the stories' mail goes, and where they read it.
export const SMTP = "smtp://127.0.0.1:8790";
export const MAILBOX = "http://127.0.0.1:8791";
export const SITE = join(ROOT, "dist/site");
export const DATABASE = join(ROOT, "end2end/test-results/database");
export const CLIENT_ID = "app.sim";
export const CLIENT_SECRET = "simulated-client-secret";
export const SCREENS = join(ROOT, "end2end/test-results/screens");

// The portals that stories share which only read; for each worker one whose faults disturb nobody, and
// one on which the application comes and goes.
export const DEMO = 1;
export const LARGE = 2;
export const EMPTY = 3;
export const SEEDS = ["demo", "large", "empty", "demo", "demo", "demo", "demo", "demo", "demo", "demo", "demo", "demo", "demo"];
export const ownPortal = (worker) => 4 + worker;
// Four for each worker in turn: a portal allows only so many requests in a while.
export const livingPortal = (worker, turn) => 6 + worker + 2 * (turn % 4);

export const portalUrl = (number) => `http://127.0.0.${number + 1}:${CLOUD_PORT}`;

// A release build of ours.
export const binary = (name) => join(process.env.CARGO_TARGET_DIR ?? join(ROOT, "target"), "release", name);
