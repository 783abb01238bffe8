// Help where it is needed: a word of explanation beside a hard notion, the pages of help, the way to the
// first portal.

import { examineWhole } from "../support/axe.js";
import { awake, expect, link, portalsOf, takePortal, test, visit } from "../support/cabinet.js";
import { SIZES, fitsSideways, wholePicture } from "../support/pictures.js";
import { APP } from "../support/places.js";
import { openFromMenu, tab } from "../support/story.js";

test("«что это?» explains a notion inside a portal, by the keyboard too, and leads to its section", async ({ page, context }) => {
  const portal = takePortal();
  // The first time, CRMAP learns of the portal behind the page: the installer was not opened here.
  await openFromMenu(page, { portal: portal.number });
  let app;
  await expect(async () => {
    app = await openFromMenu(page, { portal: portal.number });
    await expect(app.locator(".news")).toContainText("Нажмите на любой ID", { timeout: 1_000 });
  }).toPass({ timeout: 20_000 });
  await tab(app, "Статусы воронок").click();
  const what = app.getByRole("button", { name: "ID статуса: что это?" });
  await what.focus();
  await page.keyboard.press("Enter");
  const box = app.locator(".what-box:popover-open");
  await expect(box).toContainText("Почему у статуса приставка C7");
  await expect(box).toContainText("воронки с ID 7");
  const [head, told] = await Promise.all([what.boundingBox(), box.boundingBox()]);
  expect(Math.abs(told.y - head.y), "it opens beside its button").toBeLessThan(80);
  // Whoever cannot see it is told the same at the button.
  await expect(what).toHaveAccessibleDescription(/Приставка показывает, чей это статус/);
  await page.keyboard.press("Tab");
  await expect(box.getByRole("link", { name: "Подробнее" })).toBeFocused();
  const coming = context.waitForEvent("page");
  await page.keyboard.press("Enter");
  const help = await coming;
  await expect(help).toHaveURL(`${APP}/help/portal?lang=ru#prefix`);
  await expect(help.locator("#prefix h3")).toBeInViewport();
  await help.close();
  await page.keyboard.press("Escape");
  await expect(box).toBeHidden();
  await expect(what).toBeFocused();
});

for (const [size, viewport] of Object.entries(SIZES)) {
  test(`the pages of help, ${size}`, async ({ page }) => {
    await page.setViewportSize(viewport);
    for (const [path, lang, colorScheme] of [
      ["/help", "ru", "light"],
      ["/help", "en", "dark"],
      ["/help/portal", "ru", "dark"],
      ["/help/portal", "en", "light"],
    ]) {
      await page.emulateMedia({ colorScheme });
      await page.goto(`${APP}${path}?lang=${lang}`);
      await expect(page.getByRole("heading", { level: 1 })).toHaveText(lang === "ru" ? "Справка" : "Help");
      await fitsSideways(page, page);
      await wholePicture(page, "help", path.split("/").at(-1), size, lang);
      if (colorScheme === "dark") await examineWhole(page);
    }
  });
}

test("the first portal: three steps, of which the last is left when it is linked", async ({ page, beside, token, portal }) => {
  await visit(page, "/dashboard");
  await expect(page.locator(".step--done")).toHaveCount(0);
  await link(await beside(), portal, token);
  // Nobody has to load the page again to learn that it is there.
  const arrived = page.getByRole("status").filter({ hasText: "Портал подключён." });
  await expect(arrived).toBeVisible({ timeout: 15_000 });
  await arrived.getByRole("link", { name: "Показать" }).click();
  await awake(page);
  await expect(portalsOf(page)).toHaveCount(1);
  await expect(page.locator(".step--done")).toHaveCount(2);
  await wholePicture(page, "first-portal");
  await page.getByRole("button", { name: "Состояние: что это?" }).click();
  await expect(page.locator(".what-box:popover-open")).toContainText("Состояние портала и что делать");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Понятно" }).click();
  await expect(page.locator(".step").first()).toBeHidden();
  await visit(page, "/dashboard");
  await expect(page.locator(".step")).toHaveCount(0);
});
