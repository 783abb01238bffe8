// The search filters at every key, by any part of a label or an ID.

import { alive, expect, frameOf, ids, panel, row, rows, search, tab, test } from "../support/story.js";

test("a part of a label or of an ID finds rows and marks the hit", async ({ open }) => {
  const app = await open();
  await tab(app, "Пользовательские поля сделок").click();
  await search(app).pressSequentially("замер");
  await expect(row(app, "UF_CRM_MEASURE_DATE")).toBeVisible();
  await expect(row(app, "UF_CRM_1713791006").locator("mark")).toHaveText("Замер");
  await search(app).fill("1713791390");
  await expect(rows(app)).toHaveCount(1);
  await expect(row(app, "UF_CRM_1713791390").locator("mark").first()).toHaveText("1713791390");
});

test("the numbers on the tabs become numbers of hits", async ({ open }) => {
  const app = await open();
  await search(app).fill("UF_CRM_17140");
  await expect(tab(app, "Воронки")).toContainText(/0$/);
  await expect(tab(app, "Поля контактов")).toContainText(/[1-9]\d*$/);
  await expect(panel(app)).toContainText("Найдено в других разделах");
});

test("a list item is found inside its field", async ({ open }) => {
  const app = await open();
  await tab(app, "Пользовательские поля сделок").click();
  await search(app).fill("шкаф-купе");
  await expect(rows(app)).toHaveCount(1);
  await expect(panel(app).locator("li[data-id]")).toHaveCount(1);
});

test("when nothing is found, clearing the search brings everything back", async ({ open }) => {
  const app = await open();
  await search(app).fill("такого здесь нет");
  await expect(panel(app)).toContainText("По запросу «такого здесь нет» здесь ничего нет.");
  await panel(app).getByRole("button", { name: "Очистить поиск" }).click();
  await expect(rows(app)).toHaveCount(6);
  await expect(search(app)).toHaveValue("");
});

test("a reload of the frame keeps the tab and the filter", async ({ page, open }) => {
  const app = await open();
  await tab(app, "Статусы воронок").click();
  await search(app).fill("won");
  const found = await ids(app);
  expect(found.length).toBeGreaterThan(0);
  const inner = await frameOf(page);
  await Promise.all([
    page.waitForEvent("framenavigated", (frame) => frame === inner),
    inner.evaluate(() => location.reload()),
  ]);
  await alive(app);
  await expect(tab(app, "Статусы воронок")).toHaveAttribute("aria-selected", "true");
  await expect(search(app)).toHaveValue("won");
  await expect.poll(() => ids(app)).toEqual(found);
});
