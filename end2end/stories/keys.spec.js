// The palette and the sheet of keys in both faces: all of it by the keyboard, and announced.

import { examine, examineWhole } from "../support/axe.js";
import { awake, expect, fieldOf, link, pageOf, takePortal, test, visit } from "../support/cabinet.js";
import { press } from "../support/people.js";
import { SIZES, fitsSideways, picture } from "../support/pictures.js";
import { frameOf, openFromMenu, row, rows, search, tab } from "../support/story.js";

const FIELD = "UF_CRM_1713790573";
const paletteOf = (page) => page.getByRole("dialog", { name: /Куда перейти или что сделать|Where to go or what to do/ });
const boxOf = (page) => paletteOf(page).getByRole("combobox");
const offers = (page) => paletteOf(page).getByRole("option");
const chosen = (page) => paletteOf(page).getByRole("option", { selected: true });
const sheetOf = (page) => page.getByRole("dialog", { name: /^(Клавиши|Keyboard shortcuts)$/ });

async function openPalette(page, where = page) {
  await page.keyboard.press("Control+k");
  await expect(boxOf(where)).toBeFocused();
}

// What a screen reader is told is chosen: what the box points to.
async function isAnnounced(where) {
  const id = await boxOf(where).getAttribute("aria-activedescendant");
  await expect(where.locator(`#${id}`)).toHaveAttribute("aria-selected", "true");
}

test("the palette of the cabinet goes to portals, their sections, rows of all of them, and does things", async ({
  page,
  context,
  beside,
  token,
}) => {
  test.setTimeout(120_000);
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const keys = page.keyboard;
  const inside = await beside();
  const portals = [takePortal(), takePortal()];
  for (const portal of portals) await link(inside, portal, token);
  await inside.close();
  for (const [index, label] of ["ООО «Ромашка»", "Василёк"].entries()) {
    await visit(page, await pageOf(portals[index]));
    await press(page, "Название, метки и заметка");
    const dialog = page.getByRole("dialog", { name: "Название, метки и заметка" });
    await fieldOf(dialog, "label").fill(label);
    await press(dialog, "Сохранить");
    await expect(dialog).toBeHidden();
  }
  await visit(page, "/profile");

  await test.step("nothing typed: the portal that was looked at last comes first", async () => {
    await openPalette(page);
    await expect(offers(page).first()).toContainText("Василёк");
    await expect(offers(page).nth(1)).toContainText("Ромашка");
    await expect(chosen(page)).toHaveCount(1);
    await isAnnounced(page);
    await keys.press("ArrowUp");
    await expect(chosen(page)).toContainText("Выйти");
    await isAnnounced(page);
    await keys.press("ArrowDown");
    await expect(chosen(page)).toContainText("Василёк");
    await examineWhole(page);
    await picture(page, "palette", "wide");
    await keys.press("Escape");
    await expect(paletteOf(page)).toBeHidden();
  });

  await test.step("a portal by a part of its name, in the other layout, and with letters left out", async () => {
    await openPalette(page);
    for (const typed of ["ромаш", "hjvfirf", "рмшк"]) {
      await boxOf(page).fill(typed);
      await expect(offers(page).first()).toContainText("Ромашка");
      await expect(page.getByRole("status").filter({ hasText: "Найдено" })).toHaveCount(1);
    }
    await keys.press("Enter");
    await expect(page).toHaveURL(new RegExp(`${await pageOf(portals[0])}$`));
    await awake(page);
  });

  await test.step("a section of another portal, and a field of all portals", async () => {
    await openPalette(page);
    await boxOf(page).fill("василек поля сдел");
    await expect(offers(page).first()).toContainText("Пользовательские поля сделок");
    await keys.press("Enter");
    await expect(page).toHaveURL(new RegExp(`${await pageOf(portals[1])}\\?tab=deal-fields$`));
    await awake(page);
    await openPalette(page);
    await boxOf(page).fill(FIELD);
    // Rows of the page's own portal first.
    await expect(offers(page).filter({ hasText: FIELD }).first()).toContainText("Василёк");
    await expect(offers(page).filter({ hasText: FIELD }).nth(1)).toContainText("Ромашка");
    await keys.press("ArrowDown");
    await keys.press("Enter");
    await expect(page).toHaveURL(/\/portals\//);
    await awake(page);
    await expect(row(page, FIELD)).toBeVisible();
  });

  await test.step("the last one searches all portals", async () => {
    await openPalette(page);
    await boxOf(page).fill("тип изделия");
    await keys.press("ArrowUp");
    await expect(chosen(page)).toHaveText(/Искать «тип изделия» во всех порталах/);
    await keys.press("Enter");
    await expect(page).toHaveURL(/\/search\?q=/);
    await awake(page);
    await expect(page.locator(".hit").first()).toBeVisible();
  });

  await test.step("actions: the token, all portals anew, the theme, the door", async () => {
    await openPalette(page);
    await boxOf(page).fill("токен");
    await keys.press("Enter");
    await expect(page.getByRole("status").filter({ hasText: "Токен скопирован." })).toHaveCount(1);
    await openPalette(page);
    await boxOf(page).fill("обновить все");
    await keys.press("Enter");
    await expect(page).toHaveURL(/\/dashboard$/);
    await awake(page);
    await expect(page.locator("#run")).toBeVisible();
    await openPalette(page);
    await boxOf(page).fill("тёмная");
    await Promise.all([page.waitForEvent("load"), keys.press("Enter")]);
    await awake(page);
    await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
    await openPalette(page);
    await boxOf(page).fill("выйти");
    await keys.press("Enter");
    await expect(page.getByRole("dialog", { name: "Выйти из кабинета?" })).toBeVisible();
    await keys.press("Escape");
  });

  await test.step("on a phone it fits, and is opened by its button", async () => {
    await page.setViewportSize(SIZES.narrow);
    await press(page, "Перейти");
    await boxOf(page).fill(FIELD);
    await expect(offers(page).filter({ hasText: FIELD }).first()).toBeVisible();
    await fitsSideways(page, page);
    await examineWhole(page);
    await picture(page, "palette", "narrow");
    await paletteOf(page).getByRole("button", { name: "Клавиши" }).click();
    await expect(sheetOf(page)).toBeVisible();
    await expect(paletteOf(page)).toBeHidden();
    await fitsSideways(page, page);
    await examineWhole(page);
    await picture(page, "keys", "narrow");
  });
});

// The cookie in which the server keeps whether single keys are turned off.
async function kept(page) {
  const cookies = await page.context().cookies();
  return cookies.find(({ name }) => name === "crmap-keys") ?? {};
}

test("the sheet of keys, and single characters that can be turned off", async ({ page, token: _ }) => {
  const keys = page.keyboard;
  await visit(page, "/profile");
  await keys.press("?");
  await expect(sheetOf(page)).toBeVisible();
  await expect(sheetOf(page)).toContainText("Ctrl+K");
  await examineWhole(page);
  await picture(page, "keys", "wide");
  await sheetOf(page).getByRole("checkbox").check();
  await sheetOf(page).getByRole("button", { name: "Закрыть" }).click();
  await expect(sheetOf(page)).toBeHidden();
  await keys.press("?");
  await keys.press("/");
  await expect(sheetOf(page)).toBeHidden();
  await expect(page).toHaveURL(/\/profile$/);
  // The next page knows.
  await expect.poll(async () => (await kept(page)).value).toBe("off");
  await visit(page, "/dashboard");
  await keys.press("?");
  await expect(sheetOf(page)).toBeHidden();
  await press(page, "Клавиши");
  await expect(sheetOf(page).getByRole("checkbox")).toBeChecked();
  await sheetOf(page).getByRole("checkbox").uncheck();
  await keys.press("Escape");
  await expect(page.getByRole("button", { name: "Клавиши" })).toBeFocused();
  await keys.press("/");
  await expect(page).toHaveURL(/\/search$/);
});

test("inside a portal the palette goes to sections and rows, and a dialog keeps the keys to itself", async ({ page }) => {
  const app = await openFromMenu(page);
  const keys = page.keyboard;
  await app.getByRole("button", { name: "Перейти" }).click();
  await expect(boxOf(app)).toBeFocused();
  await examine(page);
  await picture(page, "palette", "portal");
  await keys.type("gjkz cltkjr");
  await expect(offers(app).first()).toContainText("Пользовательские поля сделок");
  await keys.press("Enter");
  await expect(tab(app, "Пользовательские поля сделок")).toBeFocused();

  await openPalette(page, app);
  await keys.type("такого здесь нет");
  await expect(paletteOf(app).getByText("здесь ничего нет.")).toBeVisible();
  await expect(offers(app)).toHaveCount(0);
  await examine(page);
  await keys.press("Escape");

  await openPalette(page, app);
  await keys.type("C7:WON");
  await expect(offers(app)).toHaveCount(1);
  await isAnnounced(app);
  await keys.press("Enter");
  await expect(rows(app)).toHaveCount(1);
  await expect(row(app, "C7:WON").getByRole("button", { name: "Скопировать C7:WON" })).toBeFocused();

  await openPalette(page, app);
  const frame = await frameOf(page);
  await frame.evaluate(() => {
    window.print = () => {
      window.printed = true;
    };
  });
  await keys.type("печать");
  await keys.press("Enter");
  await expect.poll(() => frame.evaluate(() => window.printed)).toBe(true);

  await openPalette(page, app);
  await keys.type("настр");
  await keys.press("Enter");
  const settings = app.getByRole("dialog", { name: "Настройки" });
  await expect(settings).toBeVisible();
  await keys.press("Control+k");
  await expect(paletteOf(app)).toBeHidden();
  await keys.press("Escape");
  await keys.press("?");
  await expect(sheetOf(app)).toBeVisible();
  await examine(page);
  await picture(page, "keys", "portal");
  await keys.press("Escape");
  await keys.press("/");
  await expect(search(app)).toBeFocused();
  await expect(search(app)).toHaveValue(/^C7:WON /);
});
