// The application leaves nothing in the browser, and works where the browser keeps nothing.

import { mkdtemp, mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "@playwright/test";
import { expect, frameOf, openFromMenu, row, rows, search, tab, test } from "../support/story.js";

test("no cookie, no storage, no secret in the address or in the document", async ({ page, context, open }) => {
  const app = await open();
  await tab(app, "Статусы воронок").click();
  await search(app).fill("won");
  await app.getByRole("button", { name: "Обновить" }).click();
  await expect(app.getByRole("button", { name: "Обновить" })).toBeEnabled();
  expect(await context.cookies()).toEqual([]);
  const frame = await frameOf(page);
  const left = await frame.evaluate(async () => {
    // What the browser does not even let be looked at holds nothing.
    const count = async (look) => {
      try {
        return await look();
      } catch {
        return 0;
      }
    };
    return {
      cookie: document.cookie,
      local: await count(() => localStorage.length),
      session: await count(() => sessionStorage.length),
      databases: await count(async () => (await indexedDB.databases()).length),
      caches: await count(async () => (await caches.keys()).length),
      workers: await count(async () => (await navigator.serviceWorker.getRegistrations()).length),
    };
  });
  expect(left).toEqual({ cookie: "", local: 0, session: 0, databases: 0, caches: 0, workers: 0 });
  expect(frame.url()).not.toMatch(/AUTH|REFRESH|bearer|token/i);
  expect(await frame.content()).not.toContain("bearer");
});

test("nothing is asked of any other host", async ({ page, open }) => {
  const hosts = new Set();
  page.on("request", (request) => hosts.add(new URL(request.url()).hostname));
  const app = await open();
  await tab(app, "Сотрудники").click();
  await expect(rows(app)).toHaveCount(25);
  expect([...hosts].sort()).toEqual(["127.0.0.1", "127.0.0.2"]);
});

// Browsers whose users have set them so; the setting can only be made in a profile of its own.
for (const [name, preferences] of [
  ["third-party cookies blocked", { profile: { cookie_controls_mode: 1, block_third_party_cookies: true } }],
  ["all cookies blocked", { profile: { default_content_setting_values: { cookies: 2 } } }],
]) {
  test(`works with ${name}`, async ({ complaints }, info) => {
    const profile = await mkdtemp(join(tmpdir(), "crmap-profile-"));
    await mkdir(join(profile, "Default"));
    await writeFile(join(profile, "Default/Preferences"), JSON.stringify(preferences));
    const context = await chromium.launchPersistentContext(profile, info.project.use.launchOptions);
    try {
      const page = context.pages()[0];
      await complaints.over(page);
      const app = await openFromMenu(page);
      expect(await mayKeepCookies(page)).toBe(false);
      await tab(app, "Статусы воронок").click();
      await row(app, "C7:WON").getByRole("button", { name: "Скопировать C7:WON" }).click();
      await expect(app.getByRole("status").filter({ hasText: "Скопировано" })).toHaveCount(1);
      await app.getByRole("button", { name: "Обновить" }).click();
      await expect(app.getByRole("button", { name: "Обновить" })).toBeEnabled();
      await expect(app.getByRole("alert")).toHaveCount(0);
      await expect(rows(app)).toHaveCount(50);
      expect(await context.cookies()).toEqual([]);
    } finally {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    }
  });
}

// Whether a cookie that the frame sets is there afterwards.
async function mayKeepCookies(page) {
  const frame = await frameOf(page);
  return frame.evaluate(() => {
    document.cookie = "kept=1; SameSite=None; Secure";
    const kept = document.cookie.includes("kept");
    document.cookie = "kept=; Max-Age=0; SameSite=None; Secure";
    return kept;
  });
}
