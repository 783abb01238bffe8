// How the stories are run: against the release builds of scripts/test, in the system's Chromium,
// with a simulated cloud of their own.

import { defineConfig } from "@playwright/test";
import { rmSync } from "node:fs";
import { join } from "node:path";
import {
  APP,
  CLAIMS,
  CLIENT_ID,
  CLIENT_SECRET,
  CLOUD,
  DATABASE,
  MAILBOX,
  PICTURES,
  PORTALS,
  SEEDS,
  SITE,
  SMTP,
  binary,
} from "./support/places.js";

// Every run begins with an empty database; workers load this file too, when the server is up.
if (!process.env.TEST_WORKER_INDEX) {
  for (const folder of [DATABASE, CLAIMS]) rmSync(folder, { recursive: true, force: true });
}

const CHROMIUM = {
  executablePath: process.env.CRMAP_CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
  ],
};

const host = (address) => new URL(address).host;

export default defineConfig({
  outputDir: "test-results/stories",
  // Stories that switch faults on have a portal for each worker.
  workers: 2,
  fullyParallel: true,
  forbidOnly: Boolean(process.env.CI),
  // Several times what a story needs here: other machines are slower.
  timeout: 90_000,
  expect: { timeout: 15_000 },
  reporter: [["list"], ["html", { open: "never" }]],
  use: {
    browserName: "chromium",
    viewport: { width: 1280, height: 900 },
    locale: "ru-RU",
    trace: "retain-on-failure",
    screenshot: "only-on-failure",
    launchOptions: CHROMIUM,
  },
  projects: [
    { name: "stories", testDir: "stories" },
    {
      // Compared with the pictures that are kept: drawn in the same way on every machine.
      name: "pictures",
      testDir: PICTURES,
      snapshotPathTemplate: "{testDir}/kept/{arg}{ext}",
      use: {
        launchOptions: {
          ...CHROMIUM,
          args: [...CHROMIUM.args, "--font-render-hinting=none", "--disable-lcd-text"],
          env: { ...process.env, FONTCONFIG_FILE: join(PICTURES, "fonts.conf") },
        },
      },
    },
  ],
  webServer: [
    {
      command: [
        binary("portal-sim"),
        `--listen ${host(CLOUD)} --portals ${PORTALS} --seed ${SEEDS.join(",")}`,
        `--app-url ${APP}/bitrix/app --client-id ${CLIENT_ID} --client-secret ${CLIENT_SECRET}`,
      ].join(" "),
      url: `${CLOUD}/__control/portals`,
      stdout: "ignore",
    },
    {
      command: "node support/mailbox.js",
      url: MAILBOX,
    },
    {
      command: `${binary("crmap")} serve`,
      url: `${APP}/healthz`,
      env: {
        CRMAP_LISTEN: host(APP),
        CRMAP_PUBLIC_URL: APP,
        CRMAP_SITE_DIR: SITE,
        CRMAP_DATABASE_URL: `sqlite://${DATABASE}/crmap.db`,
        CRMAP_ALLOW_LOOPBACK_PORTALS: "true",
        CRMAP_BITRIX_OAUTH_SERVERS: CLOUD,
        CRMAP_BITRIX_CLIENT_ID: CLIENT_ID,
        CRMAP_BITRIX_CLIENT_SECRET: CLIENT_SECRET,
        // The browsers of the stories say which address they come from: limits count by addresses.
        CRMAP_TRUSTED_PROXIES: "127.0.0.1/32",
        CRMAP_SMTP_URL: SMTP,
        CRMAP_MAIL_FROM: "CRMAP <crmap@example.ru>",
        // Warnings about openings that the stories forge are no news.
        RUST_LOG: "error",
      },
    },
  ],
});
