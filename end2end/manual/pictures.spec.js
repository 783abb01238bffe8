// Takes the pictures of docs/manual and of README. `scripts/manual-pictures` runs it.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, link, pageOf, settle, somebody, takePortal, test, tokenOf, visit } from "../support/cabinet.js";
import { APP, SCRIPTS } from "../support/places.js";
import { openFromMenu, panel } from "../support/story.js";
import { small } from "./small.js";

const DOCS = join(SCRIPTS, "../docs");
const LABELS = [
  ["Окна Сибири", "VIP, Сибирь"],
  ["Ромашка", "юг"],
  ["Пластика", "VIP"],
];
const WORDS = {
  ru: { name: "Анна Соколова", settings: "Настройки", unfold: /Показать элементы списка/, locale: "ru-RU" },
  en: { name: "Anna Falcon", settings: "Settings", unfold: /Show the items of the list/, locale: "en-GB" },
};

async function take(page, name) {
  await page.mouse.move(0, 0);
  const png = await page.screenshot({ animations: "disabled", caret: "hide" });
  writeFileSync(join(DOCS, `${name}.png`), small(png));
}

for (const [lang, words] of Object.entries(WORDS)) {
  test.describe(lang, () => {
    test.use({ viewport: { width: 1180, height: 760 }, locale: words.locale, colorScheme: "light" });

    test(`the pictures of the manual, ${lang}`, async ({ page, context, beside, complaints }) => {
      // These are pictures: what a browser complains of, the stories find out.
      complaints.expect(/./);
      const shoot = (where, name) => take(where, `manual/pictures/${lang}-${name}`);
      await settle(context, somebody(words.name));
      const choice = { form: { lang, back: "/dashboard" }, headers: { origin: APP } };
      await context.request.post(`${APP}/preferences`, choice);
      await visit(page, "/dashboard");
      await shoot(page, "start");
      const token = await tokenOf(page);

      const inside = await beside();
      const portals = LABELS.map(() => takePortal());
      const app = await openFromMenu(inside, { portal: portals[0].number, lang });
      await inside.waitForTimeout(1_000);
      await app.getByRole("tab").nth(1).click();
      await shoot(inside, "stages");
      await app.getByRole("tab").nth(2).click();
      await panel(app).getByRole("button", { name: words.unfold }).first().click();
      await shoot(inside, "fields");
      if (lang === "en") await take(inside, "app-in-portal");
      const dialog = await opened(app, words.settings);
      await dialog.locator("#token").fill(token);
      await dialog.locator("form button[type=submit]").click();
      await expect(dialog.locator("#link-confirm")).toBeVisible();
      await shoot(inside, "settings");

      for (const [index, portal] of portals.entries()) {
        await link(inside, portal, token);
        await name(page, portal, LABELS[index]);
      }
      await portals[0].perform({ do: "rename_field", id: 131, label: "Тип изделия (новый)" });
      await portals[0].perform({ do: "add_field", entity: "deal", type: "string", label: "Канал продаж" });
      await portals[1].perform({ do: "subscription", active: false });
      // A reading is good for half a minute.
      await page.waitForTimeout(31_000);
      await visit(page, "/dashboard");
      await page.locator(".notice .button").first().click();
      await page.locator(".room__deed .button").first().click();
      await expect(page.locator("#run")).toContainText(/3/, { timeout: 60_000 });
      await page.waitForTimeout(3_000);
      await page.locator("#run .button").last().click();
      await visit(page, "/dashboard");
      await shoot(page, "dashboard");
      if (lang === "en") await take(page, "cabinet");
      await visit(page, await pageOf(portals[0], "?view=history"));
      await page.locator("#history-title").evaluate((title) => title.scrollIntoView({ block: "center" }));
      await shoot(page, "history");
      const [left, right] = await Promise.all([portals[0], portals[2]].map(async (one) => (await pageOf(one)).split("/").at(-1)));
      await visit(page, `/compare?left=${left}&right=${right}&show=different`);
      await shoot(page, "compare");
      await visit(page, `/search?q=${encodeURIComponent("тип изд")}`);
      await shoot(page, "search");
    });
  });
}

async function opened(app, name) {
  await app.getByRole("button", { name }).click();
  return app.getByRole("dialog", { name });
}

async function name(page, portal, [label, tags]) {
  await visit(page, await pageOf(portal));
  await page.locator("#describe").click();
  const dialog = page.locator("dialog[open]");
  await dialog.locator('[name="label"]').fill(label);
  await dialog.locator('[name="tags"]').fill(tags);
  await dialog.locator(".button--primary").click();
  await expect(dialog).toBeHidden();
}
