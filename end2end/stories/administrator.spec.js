// An administrator sees every section with its exact IDs.

import { EMPTY } from "../support/places.js";
import { expect, ids, panel, row, rows, tab, test } from "../support/story.js";

test("an administrator finds all sections in the manual's order, with their numbers", async ({ open }) => {
  const app = await open();
  await expect(app.getByRole("tab")).toHaveText([
    /^Воронки\s*6$/,
    /^Статусы воронок\s*50$/,
    /^Пользовательские поля сделок\s*24$/,
    /^Поля контактов\s*13$/,
    /^Поля компаний\s*13$/,
    /^Поля лидов\s*10$/,
    /^Сотрудники\s*25$/,
  ]);
  await expect(tab(app, "Воронки")).toHaveAttribute("aria-selected", "true");
  await expect(app.locator(".head")).toContainText("администратор портала");
});

test("the first paint is the finished page, before any script ran", async ({ browser, complaints }) => {
  // What complains of scripts that are switched off is the browser itself.
  complaints.expect(/./);
  const context = await browser.newContext({ javaScriptEnabled: false });
  const { openingForm, post } = await import("../../scripts/opening.mjs");
  const { portalUrl, DEMO } = await import("../support/places.js");
  const page = await context.newPage();
  // A portal that is slow is shown without its rows, which scripts fetch then.
  await expect(async () => {
    const html = await (await post(await openingForm(portalUrl(DEMO)))).text();
    await page.setContent(html);
    await expect(page.locator("tr[data-id]")).toHaveCount(6, { timeout: 1_000 });
  }).toPass({ intervals: [1_000], timeout: 15_000 });
  await context.close();
});

test("funnels, stages, fields, list items and people carry the portal's own IDs", async ({ open }) => {
  const app = await open();
  await expect(rows(app)).toHaveCount(6);
  expect(await ids(app)).toEqual(expect.arrayContaining(["0", "7", "19"]));

  await tab(app, "Статусы воронок").click();
  await expect(rows(app)).toHaveCount(50);
  await expect(row(app, "C7:WON")).toContainText("успех");
  await expect(row(app, "NEW")).toBeVisible();

  await tab(app, "Пользовательские поля сделок").click();
  await expect(rows(app)).toHaveCount(24);
  const product = row(app, "UF_CRM_1713790573");
  await expect(product).toContainText("Тип изделия");
  await expect(product.getByRole("button", { name: "Скопировать 131", exact: true })).toBeVisible();
  await product.locator("[data-unfold]").click();
  await expect(panel(app).locator("li[data-id]").filter({ hasText: "Шкаф-купе" })).toHaveAttribute(
    "data-id",
    /^\d+$/,
  );

  await tab(app, "Поля контактов").click();
  await expect(row(app, "UF_CRM_DISCOUNT")).toContainText("Скидка, %");
  await tab(app, "Поля компаний").click();
  await expect(row(app, "UF_CRM_1714118801")).toContainText("обязательное");
  await tab(app, "Поля лидов").click();
  await expect(row(app, "UF_CRM_LANDING")).toContainText("Посадочная страница");
  await tab(app, "Сотрудники").click();
  await expect(rows(app)).toHaveCount(25);
  await expect(row(app, "1")).toContainText("Титова");
});

test("a funnel leads to its own stages, and back to all of them", async ({ open }) => {
  const app = await open();
  await row(app, "7").getByRole("button", { name: "Показать статусы воронки" }).click();
  await expect(tab(app, "Статусы воронок")).toHaveAttribute("aria-selected", "true");
  for (const id of await ids(app)) expect(id).toMatch(/^C7:/);
  await app.getByRole("button", { name: "Показать все воронки" }).click();
  await expect(rows(app)).toHaveCount(50);
});

test("a portal just registered says in words what it does not have yet", async ({ open }) => {
  const app = await open({ portal: EMPTY });
  await tab(app, "Пользовательские поля сделок").click();
  await expect(panel(app)).toContainText("Здесь ещё нет пользовательских полей");
});
