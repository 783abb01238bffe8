// Pictures of the pages for people to look at, in test-results/screens; and no scrolling sideways.

import { everyAnswer, error, latency, unpaid } from "../support/cloud.js";
import { SIZES, fitsSideways, picture } from "../support/pictures.js";
import { APP, EMPTY, LARGE } from "../support/places.js";
import { clickInMenu, expect, frameOf, panel, rows, search, tab, test } from "../support/story.js";

for (const [size, viewport] of Object.entries(SIZES)) {
  for (const colorScheme of ["light", "dark"]) {
    test.describe(`${size}, ${colorScheme}`, () => {
      test.use({ viewport, colorScheme });

      test("the sections", async ({ page, open }) => {
        const app = await open();
        await picture(page, "funnels", size, colorScheme);
        await fitsSideways(page);
        // In whatever font this machine has.
        if (size === "wide") expect.soft(await rowOfTabs(page), "a tab is out of sight").toBe(0);
        for (const [name, title] of [
          ["stages", "Статусы воронок"],
          ["deal-fields", "Пользовательские поля сделок"],
          ["users", "Сотрудники"],
        ]) {
          await tab(app, title).click();
          await expect(tab(app, title)).toHaveAttribute("aria-selected", "true");
          await picture(page, name, size, colorScheme);
          await fitsSideways(page);
        }
        await tab(app, "Пользовательские поля сделок").click();
        await panel(app).locator("[data-unfold]").first().click();
        await search(app).fill("тип");
        await picture(page, "search", size, colorScheme);
        await fitsSideways(page);
      });

      test("the settings", async ({ page, open }) => {
        const app = await open();
        await app.getByRole("button", { name: "Настройки" }).click();
        await app.getByLabel("Токен подключения").fill("crmap_oops");
        await page.keyboard.press("Enter");
        await picture(page, "settings", size, colorScheme);
        await fitsSideways(page);
        const [bottom, height, hidden] = await (await frameOf(page)).evaluate(overfill);
        expect.soft(bottom, "the dialog ends outside of its frame").toBeLessThanOrEqual(height);
        expect.soft(hidden, "the dialog scrolls").toBeGreaterThan(0);
      });

      test("what narrow rights see", async ({ page, open }) => {
        const app = await open({ user: "narrow" });
        await tab(app, "Поля компаний").click();
        await picture(page, "refused", size, colorScheme);
        await fitsSideways(page);
      });
    });
  }

  test.describe(`troubles, ${size}`, () => {
    test.use({ viewport });

    test("a portal that refuses, that is slow, that fails at a refresh", async ({ page, open, troubled, complaints }) => {
      complaints.expect(/status of (403|503)/);
      await troubled.suffer(unpaid);
      let app = await clickInMenu(page, { portal: troubled.number });
      await expect(app.getByRole("alert")).toBeVisible();
      await picture(page, "not-paid", size);
      await troubled.recover();

      await troubled.suffer(latency(3000));
      app = await clickInMenu(page, { portal: troubled.number });
      await expect(panel(app)).toContainText("Портал отвечает медленно", { timeout: 15_000 });
      await picture(page, "slow", size);
      await troubled.recover();

      app = await open({ portal: troubled.number });
      await expect(rows(app)).toHaveCount(6);
      await troubled.suffer(everyAnswer(error(500, "INTERNAL_SERVER_ERROR", "")));
      await app.getByRole("button", { name: "Обновить" }).click();
      await expect(app.getByRole("alert")).toBeVisible({ timeout: 20_000 });
      await picture(page, "stale", size);
    });

    test("an empty portal, a very large one, and no portal at all", async ({ page, open }) => {
      const app = await open({ portal: EMPTY });
      await tab(app, "Пользовательские поля сделок").click();
      await picture(page, "empty", size);
      await open({ portal: LARGE, lang: "en" });
      await picture(page, "large", size);
      await page.goto(`${APP}/bitrix/app`);
      await picture(page, "outside", size);
    });
  });
}

test("the longest names and codes stay within the page at every width", async ({ page, open }) => {
  const app = await open();
  const frame = await frameOf(page);
  for (const section of ["funnels", "stages", "deal-fields", "users"]) {
    await app.locator(`#tab-${section}`).click();
    await expect(app.locator(`#tab-${section}`)).toHaveAttribute("aria-selected", "true");
    const unfold = panel(app).locator("[data-unfold]").first();
    if (await unfold.count()) await unfold.click();
    await frame.evaluate(lengthen);
    for (const width of [1280, 768, 390]) {
      await page.setViewportSize({ width, height: 900 });
      // The frame hears of its new width a little later than the page.
      const given = await page.locator("#app-frame").evaluate((element) => element.clientWidth);
      await expect.poll(() => frame.evaluate(() => innerWidth)).toBe(given);
      await picture(page, "longest", section, width);
      await fitsSideways(page);
    }
  }
});

// How far the row of tabs would have to be scrolled for the last one.
async function rowOfTabs(page) {
  const frame = await frameOf(page);
  return frame.locator(".tabs").evaluate((tabs) => tabs.scrollWidth - tabs.clientWidth);
}

// A dialog with more in it than any frame is high.
function overfill() {
  const dialog = document.querySelector("#settings-dialog");
  dialog.querySelector(".dialog__body").style.paddingBottom = "9000px";
  return [dialog.getBoundingClientRect().bottom, innerHeight, dialog.scrollHeight - dialog.clientHeight];
}

// Names without a space, and codes as long as a portal allows.
function lengthen() {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const { parentElement: around } = walker.currentNode;
    if (around.closest(".badge")) continue;
    if (around.closest(".code")) {
      if (!/^\d+$/.test(walker.currentNode.data)) walker.currentNode.data = `UF_CRM_${"LONG".repeat(11)}`;
    } else if (around.closest(".name, .group__name, .items__value, .head__title, .table--users td")) {
      walker.currentNode.data = "Сверхдлинноеназвание".repeat(12);
    }
  }
}

test("the frame is as high as its content and has no scroll bar of its own", async ({ page, open }) => {
  const app = await open();
  await tab(app, "Статусы воронок").click();
  await expect
    .poll(async () => {
      const frame = await frameOf(page);
      return frame.evaluate(() => document.documentElement.scrollHeight - innerHeight);
    })
    .toBeLessThanOrEqual(0);
});
