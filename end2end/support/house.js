// A cloud and a server of one story alone, over a database of its own, which it may stop and start.

import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { claim } from "./claims.js";
import { CLIENT_ID, CLIENT_SECRET, SCRIPTS, SHIFT, SITE, binary } from "./places.js";

// Its databases, by what they are called in titles of stories.
export const DATABASES = {
  SQLite: (folder) => `sqlite://${folder}/crmap.db`,
  PostgreSQL: newSchema,
};

// Below those that the system gives to whoever connects: a server that is down for a while finds its own
// port free again.
const ownPort = () => 20_000 + SHIFT + claim("port");

export class House {
  #cloud;
  #server;

  static async build(database, folder) {
    mkdirSync(folder, { recursive: true });
    const house = new House();
    const [cloudPort, port] = [ownPort(), ownPort()];
    house.cloud = `http://127.0.0.1:${cloudPort}`;
    house.app = `http://127.0.0.1:${port}`;
    house.portal = `http://127.0.0.2:${cloudPort}`;
    house.environment = environment(house, database, folder);
    const options = `--listen 127.0.0.1:${cloudPort} --portals 1 --seed demo --app-url ${house.app}/bitrix/app`;
    const client = `--client-id ${CLIENT_ID} --client-secret ${CLIENT_SECRET}`;
    house.#cloud = spawn(binary("portal-sim"), `${options} ${client}`.split(" "), { stdio: "ignore" });
    await answers(`${house.cloud}/__control/portals`);
    await house.start();
    return house;
  }

  async start() {
    const stdio = ["ignore", "ignore", "inherit"];
    this.#server = spawn(binary("crmap"), ["serve"], { env: this.environment, stdio });
    await answers(`${this.app}/healthz`);
  }

  // By SIGTERM it takes its leave; by SIGKILL it has no time to.
  async stop(signal = "SIGKILL") {
    await ended(this.#server, signal);
  }

  async restart(signal) {
    await this.stop(signal);
    await this.start();
  }

  async tearDown() {
    for (const child of [this.#server, this.#cloud]) if (child) await ended(child, "SIGKILL");
  }

  // Opens the application in the portal for its administrator; gives the frame.
  async openIn(page) {
    await page.goto(`${this.portal}/?user=1&lang=ru`);
    await page.getByRole("navigation", { name: "Меню портала" }).getByRole("link", { name: "CRMAP" }).click();
    return page.frameLocator("#app-frame");
  }
}

function environment({ app, cloud }, database, folder) {
  return {
    PATH: process.env.PATH,
    RUST_LOG: "error",
    CRMAP_LISTEN: new URL(app).host,
    CRMAP_PUBLIC_URL: app,
    CRMAP_SITE_DIR: SITE,
    CRMAP_DATABASE_URL: DATABASES[database](folder),
    CRMAP_SECRET_KEYS: `stories:${randomBytes(32).toString("base64")}`,
    CRMAP_SPILL_DIR: join(folder, "spill"),
    CRMAP_ALLOW_LOOPBACK_PORTALS: "true",
    CRMAP_BITRIX_OAUTH_SERVERS: cloud,
    CRMAP_BITRIX_CLIENT_ID: CLIENT_ID,
    CRMAP_BITRIX_CLIENT_SECRET: CLIENT_SECRET,
  };
}

// An empty schema in the cluster of the tests; its address.
function newSchema() {
  const socket = execFileSync(join(SCRIPTS, "test-postgres"), { encoding: "utf8" }).trim();
  const versions = readdirSync("/usr/lib/postgresql").sort((one, other) => one - other);
  const psql = join("/usr/lib/postgresql", versions.at(-1), "bin/psql");
  const name = `stories_${randomBytes(6).toString("hex")}`;
  execFileSync(psql, ["-h", socket, "-U", "postgres", "-q", "-c", `create schema ${name}`]);
  return `postgres://postgres@${encodeURIComponent(socket)}/postgres?options[search_path]=${name}`;
}

async function answers(address) {
  for (let tries = 0; tries < 200; tries += 1) {
    const answer = await fetch(address).catch(() => null);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${address} does not answer`);
}

function ended(child, signal) {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once("exit", resolve);
    child.kill(signal);
  });
}
