// The main pages of both faces look as they were last approved; `npm run pictures` approves anew.

import { fieldOf, link, pageOf, settle, somebody, takePortal, test, tokenOf, visit } from "../support/cabinet.js";
import { unpaid } from "../support/cloud.js";
import { looksAs } from "../support/kept.js";
import { beginInstall } from "../support/life.js";
import { press } from "../support/people.js";
import { APP } from "../support/places.js";
import { clickInMenu, expect, openFromMenu, panel, tab } from "../support/story.js";

const WIDE = { width: 1280, height: 720 };
const NARROW = { width: 390, height: 720 };
const PAPER = { width: 1000, height: 720 };

test.use({ viewport: WIDE });

test("inside a portal, wide", async ({ page, open }) => {
  const app = await open();
  await looksAs("app-funnels", page, { framed: true });
  await app.getByRole("button", { name: "Настройки" }).click();
  await expect(app.getByRole("dialog")).toContainText("Подключённые кабинеты");
  await looksAs("app-settings", page, { framed: true });
  await app.getByRole("button", { name: "Закрыть" }).click();

  await page.emulateMedia({ colorScheme: "dark" });
  await tab(app, "Статусы воронок").click();
  await expect(tab(app, "Статусы воронок")).toHaveAttribute("aria-selected", "true");
  await looksAs("app-stages-dark", page, { framed: true });
  await page.emulateMedia({ colorScheme: "light", forcedColors: "active" });
  await looksAs("app-stages-forced", page, { framed: true });
  await page.emulateMedia({ forcedColors: "none" });
  await app.locator("#tab-stages").press("Control+k");
  await app.locator("#palette-box").fill("тип");
  await looksAs("app-palette", page, { framed: true });
});

test("inside a portal, in English, narrow and on paper", async ({ page }) => {
  const app = await openFromMenu(page, { lang: "en" });
  await app.locator("#tab-deal-fields").click();
  await panel(app).locator("[data-unfold]").first().click();
  await looksAs("app-fields", page, { framed: true });
  await page.setViewportSize(NARROW);
  await looksAs("app-fields-narrow", page, { framed: true });
  await app.locator("#tab-users").click();
  await page.emulateMedia({ colorScheme: "dark" });
  await looksAs("app-users-narrow-dark", page, { framed: true });
  await page.emulateMedia({ colorScheme: "light" });
  await app.locator("#tab-deal-fields").click();
  await page.setViewportSize(PAPER);
  await page.emulateMedia({ media: "print" });
  await looksAs("app-paper", page, { framed: true });
});

test("a portal that lets nobody read", async ({ page, troubled, complaints }) => {
  complaints.expect(/status of (403|503)/);
  await troubled.suffer(unpaid);
  const app = await clickInMenu(page, { portal: troubled.number });
  await expect(app.getByRole("alert")).toBeVisible();
  await looksAs("app-trouble", page, { framed: true });
});

test("before the application is there", async ({ page, living }) => {
  await beginInstall(page, living);
  await looksAs("install", page, { framed: true });
  await page.setViewportSize(NARROW);
  await looksAs("install-narrow", page, { framed: true });
  await page.emulateMedia({ colorScheme: "dark" });
  await page.goto(`${APP}/bitrix/app`);
  await looksAs("outside-narrow-dark", page);
});

test("the cabinet", async ({ page, context, beside }) => {
  test.setTimeout(240_000);
  await page.goto(`${APP}/login`);
  await looksAs("login", page);
  await page.goto(`${APP}/register`);
  await looksAs("register", page);
  await page.setViewportSize(NARROW);
  await page.emulateMedia({ colorScheme: "dark" });
  await page.goto(`${APP}/login`);
  await looksAs("login-narrow-dark", page);
  await page.goto(`${APP}/help/portal?lang=en`);
  await looksAs("help-narrow-dark", page);
  await page.emulateMedia({ colorScheme: "light" });
  await settle(context, somebody());
  await visit(page, "/dashboard");
  await looksAs("dashboard-empty-narrow", page);

  await page.setViewportSize(WIDE);
  const token = await tokenOf(page);
  const inside = await beside();
  const paths = [];
  for (const label of ["ООО «Окна Сибири»", "Ромашка", null]) {
    const portal = takePortal();
    if (label === "Ромашка") await portal.perform({ do: "rename_field", id: 131, label: "Тип продукции" });
    await link(inside, portal, token);
    paths.push(await pageOf(portal));
    if (label) await name(page, paths.at(-1), label);
  }
  await looksAs("app-settings-linked", inside, { framed: true });
  await visit(page, "/dashboard?order=name");
  await looksAs("dashboard", page);
  await page.emulateMedia({ forcedColors: "active" });
  await looksAs("dashboard-forced", page);
  await page.emulateMedia({ forcedColors: "none" });
  await page.setViewportSize(NARROW);
  await page.emulateMedia({ colorScheme: "dark" });
  await looksAs("dashboard-narrow-dark", page);
  await page.setViewportSize(WIDE);
  await visit(page, paths[0]);
  await looksAs("portal-dark", page);
  await page.emulateMedia({ colorScheme: "light" });
  await visit(page, `${paths[0]}?view=history`);
  await looksAs("history", page);
  await page.keyboard.press("Control+k");
  // What the search of all portals answers is drawn last.
  const found = page.waitForResponse(/\/api\/search/);
  await page.locator("#palette-box").fill("ромаш");
  await (await found).finished();
  await expect(page.locator(".offer").first()).toContainText("Ромашка");
  await looksAs("palette", page);
  const [left, right] = paths.map((path) => path.split("/").at(-1));
  await visit(page, `/compare?left=${left}&right=${right}&show=different`);
  await looksAs("compare", page);
  await visit(page, `/search?q=${encodeURIComponent("тип изд")}`);
  await looksAs("search", page);
});

async function name(page, path, label) {
  await visit(page, path);
  await press(page, "Название, метки и заметка");
  const dialog = page.getByRole("dialog", { name: "Название, метки и заметка" });
  await fieldOf(dialog, "label").fill(label);
  await press(dialog, "Сохранить");
  await expect(dialog).toBeHidden();
}
