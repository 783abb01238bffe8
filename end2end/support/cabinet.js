// What people do with a cabinet: make one, log in, link portals to it. Each story comes from an address
// of the network of its own, since limits count by addresses.

import { claim } from "./claims.js";
import { LivingPortal, describe } from "./cloud.js";
import { APP, takenPortal } from "./places.js";
import { test as base, expect, hasTakenItsData, openFromMenu } from "./story.js";

export { expect };

export const test = base.extend({
  extraHTTPHeaders: async ({}, use) => {
    await use({ "x-forwarded-for": ownAddress() });
  },

  // Opens another page beside the story's, in its browser or in another one; watched like it.
  beside: async ({ context, complaints }, use) => {
    await use(async (where = context) => {
      const page = await where.newPage();
      await complaints.over(page);
      return page;
    });
  },

  // Another browser, which shares no cookie with the story's.
  another: async ({ browser }, use) => {
    const made = [];
    await use(async (options = {}) => {
      const context = await browser.newContext({ extraHTTPHeaders: { "x-forwarded-for": ownAddress() }, ...options });
      made.push(context);
      return context;
    });
    for (const context of made) await context.close();
  },

  // Demo portals that no other story has, with the application installed.
  portal: async ({}, use) => {
    await use(takePortal());
  },

  // Somebody with a cabinet, logged in in the story's browser.
  owner: async ({ context }, use) => {
    await use(await settle(context));
  },

  // The connection token of their cabinet.
  token: async ({ page, owner: _ }, use) => {
    await use(await tokenOf(page));
  },
});

const ownAddress = () => {
  const number = claim("address");
  return `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`;
};

export const takePortal = () => new LivingPortal(takenPortal(claim("portal")));

const PASSWORD = "лестница туман 47 корова";

// Somebody whom nobody knows yet.
export function somebody(name = "Анна Соколова") {
  return { name, email: `person-${claim("person")}@example.ru`, password: PASSWORD };
}

// An address as strangers see it.
export const masked = ({ email }) => email.replace(/^(..)[^@]*/, "$1•••");

// Makes a cabinet and logs in, by the forms' own way and without any page.
export async function settle(context, person = somebody()) {
  await register(context, person);
  await logIn(context, person);
  return person;
}

export async function register(context, { name, email, password }) {
  const way = await send(context, "/register", { name, email, password });
  expect(way).toBe("/login?done=registered");
}

export async function logIn(context, { email, password }) {
  expect(await send(context, "/login", { email, password })).toBe("/dashboard");
}

async function send(context, path, form) {
  const headers = { origin: APP };
  const answer = await context.request.post(APP + path, { form, headers, maxRedirects: 0 });
  return answer.headers().location ?? `status ${answer.status()}`;
}

// --- pages ---------------------------------------------------------------------------------------

// Goes to a page of the cabinet and waits for it to be alive.
export async function visit(page, path) {
  await page.goto(APP + path);
  await awake(page);
}

// A page is alive when it has taken its data out of the document.
export const awake = (page) => hasTakenItsData(page);

export const fieldOf = (page, name) => page.locator(`input[name="${name}"]`);
export const flawOf = (page, name) => page.locator(`#${name}-flaw`);
export const portalsOf = (page) => page.locator(".table--portals tr[data-id]");
export const tokenBar = (page, name = "Токен подключения") => page.getByRole("group", { name });

// The connection token as the top of the page shows it.
export async function tokenOf(page) {
  if (!page.url().startsWith(APP)) await visit(page, "/dashboard");
  const text = page.locator(".token code");
  // The eye is the first of the token's tools, whatever the page's language.
  if ((await text.textContent()).includes("•")) await page.locator(".token").getByRole("button").first().click();
  await expect(text).toHaveText(/^crmap_[0-9A-Za-z]{30}_[0-9A-Za-z]{6}$/);
  return text.textContent();
}

// The address of a portal's page.
export async function pageOf(portal, rest = "") {
  const { member_id } = await describe(portal.number);
  return `/portals/${member_id}${rest}`;
}

// --- inside a portal -----------------------------------------------------------------------------

// Opens «Настройки» in a portal; gives the dialog.
export async function settingsIn(page, portal, options = {}) {
  return settingsOf(await openFromMenu(page, { portal: portal.number, ...options }));
}

export async function settingsOf(app) {
  await app.getByRole("button", { name: "Настройки" }).click();
  return app.getByRole("dialog", { name: "Настройки" });
}

// Pastes a token and asks whose it is.
export async function present(dialog, token) {
  await dialog.getByLabel("Токен подключения").fill(token);
  await dialog.getByRole("button", { name: "Продолжить" }).click();
}

export const verdict = (dialog) => dialog.locator("#token-verdict");

// Links the portal in an open dialog.
export async function confirmLink(dialog, token, { write = false } = {}) {
  await present(dialog, token);
  if (write) await dialog.getByLabel("Читать и изменять").check();
  await dialog.getByRole("button", { name: "Подключить" }).click();
  await expect(verdict(dialog)).toHaveText("Портал подключён к кабинету", { timeout: 20_000 });
}

// Links the portal to the cabinet of a token and waits until it was read; leaves the page in the portal,
// with the dialog open. The cabinet's owner is logged in in the page's browser, or else in the `reader`.
export async function link(page, portal, token, { reader = page.context(), ...options } = {}) {
  const dialog = await settingsIn(page, portal);
  await confirmLink(dialog, token, options);
  await isRead(reader, APP + (await pageOf(portal)));
  return dialog;
}

// The page that links a portal waits for its first reading for two seconds only; a slow one ends behind
// its back, and one that comes to nothing is made again half a minute later. The address is that of the
// portal's page, and whoever is logged in to the cabinet in the browser gets its file then.
export async function isRead(context, address) {
  const file = async () => (await context.request.get(`${address}/specification.txt`, { maxRedirects: 0 })).status();
  await expect.poll(file, { message: "the portal was read", timeout: 60_000 }).toBe(200);
}
