// Two portals, or two moments of one, side by side.

import { readFile } from "node:fs/promises";
import { awake, expect, link, pageOf, takePortal, test, visit } from "../support/cabinet.js";
import { examineWhole } from "../support/axe.js";
import { press } from "../support/people.js";
import { SIZES, fitsSideways, wholePicture } from "../support/pictures.js";

const idOf = async (portal) => (await pageOf(portal)).split("/").at(-1);
const pairs = (page) => page.locator("tr.pair[data-id]");
const show = (page, name) => page.getByRole("navigation", { name: "Какие строки показать" }).getByRole("link", { name });

test("without portals there is nothing to choose from, and the page says what to do", async ({ page, owner: _ }) => {
  await visit(page, "/compare");
  await expect(page.getByRole("main")).toContainText("Подключите портал, и здесь его можно будет сравнить");
  await expect(page.getByRole("combobox")).toHaveCount(0);
  await examineWhole(page);
  await page.getByRole("main").getByRole("link", { name: "К дашборду" }).last().click();
  await expect(page).toHaveURL(/\/dashboard$/);
});

test("portals with the same content have no difference; one change is exactly one", async ({ page, beside, token }) => {
  test.setTimeout(120_000);
  const inside = await beside();
  const [one, other] = [takePortal(), takePortal()];
  await link(inside, one, token);
  await other.perform({ do: "rename_field", id: 131, label: "Тип продукции" });
  await link(inside, other, token);
  const [left, right] = [await idOf(one), await idOf(other)];

  await visit(page, "/compare");
  await expect(page.getByRole("main")).toContainText("Выберите два портала");
  await page.getByRole("combobox", { name: "Слева" }).selectOption(left);
  await page.getByRole("combobox", { name: "Справа" }).selectOption(left);
  await press(page, "Сравнить");
  await expect(page.getByRole("main")).toContainText("Различий нет");

  await visit(page, `/compare?left=${left}&right=${right}`);
  await show(page, /^Различия/).click();
  await expect(pairs(page)).toHaveCount(1);
  await expect(pairs(page)).toContainText("Тип продукции");
  await expect(page).toHaveURL(/show=/);
  await examineWhole(page);
  for (const size of ["wide", "narrow"]) {
    await page.setViewportSize(SIZES[size]);
    await fitsSideways(page, page);
    await wholePicture(page, "comparing", size);
  }
  // With all rows, too, also where the menu leaves little room.
  await show(page, /^Все/).click();
  for (const width of [721, 768, 1001]) {
    await page.setViewportSize({ width, height: 900 });
    await fitsSideways(page, page);
  }
  await page.setViewportSize(SIZES.wide);

  for (const [words, sign] of [
    ["Скачать TXT", "Тип продукции"],
    ["Скачать JSON", "crmap.comparison"],
  ]) {
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: words }).click(),
    ]);
    expect(await readFile(await download.path(), "utf8")).toContain(sign);
  }
  await page.getByRole("link", { name: "Поменять местами" }).click();
  await expect(page).toHaveURL(new RegExp(`left=${right}`));
});

test("what belongs together is said by hand where rules cannot know, and is remembered", async ({
  page,
  beside,
  token,
}) => {
  test.setTimeout(120_000);
  const inside = await beside();
  const [one, other] = [takePortal(), takePortal()];
  await one.perform({ do: "add_field", entity: "deal", type: "string", label: "Канал продаж" });
  await other.perform({ do: "add_field", entity: "deal", type: "double", label: "Источник сделки" });
  for (const portal of [one, other]) await link(inside, portal, token);
  const address = `/compare?left=${await idOf(one)}&right=${await idOf(other)}`;
  await visit(page, address);
  await show(page, /^Различия/).click();
  const pair = pairs(page).filter({ hasText: "Канал продаж" });
  await expect(pair).toContainText("Источник сделки");

  // Both were made with the same code by chance: that is for their owner to say.
  await page.getByRole("button", { name: "Разъединить пару «Канал продаж»" }).click();
  await expect(show(page, /^Только слева/)).toContainText("1");
  await awake(page);
  await visit(page, address);
  await show(page, /^Только справа/).click();
  await expect(pairs(page)).toHaveCount(1);
  await expect(pairs(page)).toContainText("Источник сделки");
  await show(page, /^Только слева/).click();
  await page.getByRole("button", { name: "Сопоставить «Канал продаж» с другой стороной" }).click();
  const dialog = page.getByRole("dialog", { name: "Сопоставить вручную" });
  const options = await dialog.getByRole("option").allTextContents();
  const index = options.findIndex((text) => text.includes("Источник сделки"));
  await dialog.getByRole("combobox").selectOption({ index });
  await press(dialog, "Сопоставить");
  await expect(show(page, /^Только слева/)).toContainText("0");
  await awake(page);
  await visit(page, address);
  await show(page, /^Различия/).click();
  await expect(pair).toContainText("Источник сделки");
  await expect(pair).toContainText("вручную");
});
