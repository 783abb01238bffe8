// What every story starts from: a portal's page with the application in its frame, and a watch that
// fails the story when the browser complains.

import { expect, test as base } from "@playwright/test";
import { describe, LivingPortal, TroubledPortal } from "./cloud.js";
import { DEMO, livingPortal, ownPortal, portalUrl } from "./places.js";

export { expect };

let turn = 0;

export const test = base.extend({
  // Messages of the browser that a story expects: `complaints.expect(/…/)`. All others fail it; a
  // page that was not rendered the same on both sides shows up here too.
  complaints: [
    async ({ page }, use) => {
      const watch = new Watch();
      await watch.over(page);
      await use(watch);
      expect(watch.unexpected(), "the browser complained").toEqual([]);
    },
    { auto: true },
  ],

  // A demo portal of this worker alone.
  troubled: async ({}, use, info) => {
    const portal = new TroubledPortal(ownPortal(info.parallelIndex));
    await portal.recover();
    await portal.forgetRequests();
    await use(portal);
    await portal.recover();
  },

  // A demo portal of this worker alone, where the application is not installed.
  living: async ({}, use, info) => {
    const portal = new LivingPortal(livingPortal(info.parallelIndex, turn++));
    await portal.beginAnew();
    await use(portal);
  },

  // Opens the application from the left menu of a portal; gives the frame.
  open: async ({ page }, use) => {
    await use((options) => openFromMenu(page, options));
  },
});

// Opens the application from the left menu and waits for the page to be alive.
export async function openFromMenu(page, options = {}) {
  const frame = await clickInMenu(page, options);
  await alive(frame);
  return frame;
}

// Opens the application and does not wait for anything.
export async function clickInMenu(page, options = {}) {
  const menu = await enter(page, options);
  await menu.getByRole("link", { name: "CRMAP" }).click();
  return page.frameLocator("#app-frame");
}

// Enters a portal; gives its left menu.
export async function enter(page, { portal = DEMO, user = "administrator", lang = "ru", path = "/" } = {}) {
  const { users } = await describe(portal);
  await page.goto(`${portalUrl(portal)}${path}?user=${users[user]}&lang=${lang}`);
  return page.getByRole("navigation", { name: lang === "ru" ? "Меню портала" : "Portal menu" });
}

// The page comes to life when it takes its data out of the document.
export async function alive(frame) {
  await expect(frame.getByRole("tab").first()).toBeVisible();
  await hasTakenItsData(frame);
}

// The data stands at the end of the document: where that has not arrived, it is not there either.
export async function hasTakenItsData(where) {
  const has = (root) => root.ownerDocument.readyState !== "loading" && !root.querySelector("#crmap-data");
  await expect(async () => {
    expect(await where.locator(":root").evaluate(has, null, { timeout: 2_000 }), "the page is alive").toBe(true);
  }).toPass({ intervals: [50, 50, 100, 250], timeout: 15_000 });
}

// The frame itself, for what a locator cannot do.
export async function frameOf(page) {
  const element = await page.locator("#app-frame").elementHandle();
  return element.contentFrame();
}

// A tab's name is followed by the number of its rows.
export const tab = (frame, name) => frame.getByRole("tab", { name: new RegExp(`^${name}`) });
export const panel = (frame) => frame.getByRole("tabpanel");
export const rows = (frame) => panel(frame).locator("tr[data-id]");
export const row = (frame, id) => panel(frame).locator(`tr[data-id="${id}"]`);
export const search = (frame) => frame.locator("#search");
export const ids = (frame) => rows(frame).evaluateAll((found) => found.map((row) => row.dataset.id));

// What a paste would give, tried in a field of a page of its own.
export async function pasted(page) {
  const other = await page.context().newPage();
  await other.setContent("<textarea autofocus></textarea>");
  const field = other.locator("textarea");
  await field.focus();
  await other.keyboard.press("Control+V");
  const text = await field.inputValue();
  await other.close();
  await page.bringToFront();
  return text;
}

class Watch {
  #heard = [];
  #expected = [];

  async over(page) {
    page.on("console", (message) => {
      if (!["error", "warning"].includes(message.type())) return;
      const where = message.location().url;
      this.#heard.push(`${message.type()}: ${message.text()}${where ? ` (${where})` : ""}`);
    });
    page.on("pageerror", (error) => this.#heard.push(`exception: ${error.message}`));
    await page.addInitScript(() => {
      addEventListener("securitypolicyviolation", (event) => {
        console.error(`policy violation: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
      });
    });
  }

  expect(pattern) {
    this.#expected.push(pattern);
  }

  unexpected() {
    return this.#heard.filter((line) => !this.#expected.some((pattern) => pattern.test(line)));
  }
}
