// The keyboard alone does everything, and axe finds nothing serious.

import AxeBuilder from "@axe-core/playwright";
import { examine } from "../support/axe.js";
import { describe } from "../support/cloud.js";
import { SIZES } from "../support/pictures.js";
import { expect, panel, row, rows, search, tab, test } from "../support/story.js";

test("the keyboard alone: tabs by arrows, search by a slash, copying by Enter", async ({ page, open }) => {
  const app = await open();
  await tab(app, "Воронки").focus();
  await page.keyboard.press("ArrowRight");
  await expect(tab(app, "Статусы воронок")).toBeFocused();
  await expect(tab(app, "Статусы воронок")).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("End");
  await expect(tab(app, "Сотрудники")).toBeFocused();
  await page.keyboard.press("ArrowRight");
  await expect(tab(app, "Воронки")).toBeFocused();
  await page.keyboard.press("ArrowLeft");
  await expect(tab(app, "Сотрудники")).toBeFocused();
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowRight");

  await page.keyboard.press("/");
  await expect(search(app)).toBeFocused();
  await expect(search(app)).toHaveValue("");
  await page.keyboard.type("C7:WON");
  await expect(rows(app)).toHaveCount(1);

  const code = row(app, "C7:WON").getByRole("button", { name: "Скопировать C7:WON" });
  for (let steps = 0; steps < 12 && !(await isFocused(code)); steps += 1) await page.keyboard.press("Tab");
  await expect(code).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(app.getByRole("status").filter({ hasText: "Скопировано: C7:WON" })).toHaveCount(1);
  await expect(code).toBeFocused();

  await page.keyboard.press("/");
  await page.keyboard.press("Escape");
  await expect(search(app)).toHaveValue("");
  await expect(rows(app)).toHaveCount(50);

  // What is pressed goes, and the focus goes on nearby.
  await page.keyboard.type("нет такого");
  await panel(app).getByRole("button", { name: "Очистить поиск" }).press("Enter");
  await expect(search(app)).toBeFocused();
  await tab(app, "Воронки").click();
  await panel(app).getByRole("button", { name: /^Показать статусы воронки/ }).first().press("Enter");
  await expect(tab(app, "Статусы воронок")).toBeFocused();
  await panel(app).getByRole("button", { name: "Показать все воронки" }).press("Enter");
  await expect(tab(app, "Статусы воронок")).toBeFocused();
  // A button that waits keeps the focus.
  const refresh = app.getByRole("button", { name: "Обновить" });
  await refresh.press("Enter");
  await expect(app.locator(".head__actions button").nth(1)).toBeFocused();
  await expect(refresh).toBeEnabled();
  await expect(refresh).toBeFocused();
});

const isFocused = (locator) => locator.evaluate((element) => element === document.activeElement);

test("the settings dialog keeps the focus, and gives it back at Escape", async ({ page, open }) => {
  const app = await open();
  const button = app.getByRole("button", { name: "Настройки" });
  await button.focus();
  await page.keyboard.press("Enter");
  const dialog = app.getByRole("dialog", { name: "Настройки" });
  await expect(dialog).toBeVisible();
  for (let steps = 0; steps < 2; steps += 1) {
    await page.keyboard.press("Tab");
    const outside = await dialog.evaluate(
      (element) => document.activeElement !== document.body && !element.contains(document.activeElement),
    );
    expect(outside).toBe(false);
  }
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(button).toBeFocused();
});

for (const colorScheme of ["light", "dark"]) {
  test(`axe finds nothing serious in any section, ${colorScheme}`, async ({ page, open }) => {
    test.slow();
    await page.emulateMedia({ colorScheme });
    const app = await open();
    for (const name of ["Воронки", "Статусы воронок", "Пользовательские поля сделок", "Сотрудники"]) {
      await tab(app, name).click();
      await expect(rows(app).first()).toBeVisible();
      await examine(page);
    }
    await tab(app, "Пользовательские поля сделок").click();
    await panel(app).locator("[data-unfold]").first().click();
    await examine(page);
    await search(app).fill("нет такого");
    await examine(page);
    await app.getByRole("button", { name: "Настройки" }).click();
    await examine(page);
  });

  test(`axe finds nothing serious in what narrow rights see, ${colorScheme}`, async ({ page, open }) => {
    await page.emulateMedia({ colorScheme });
    const app = await open({ user: "narrow", lang: "en" });
    await tab(app, "Contact fields").click();
    await examine(page);
  });
}

test("axe finds nothing serious on a phone, where rows are cards", async ({ page, open }) => {
  await page.setViewportSize(SIZES.narrow);
  const app = await open();
  for (const name of ["Воронки", "Статусы воронок", "Пользовательские поля сделок", "Сотрудники"]) {
    await tab(app, name).click();
    await expect(rows(app).first()).toBeVisible();
    const unfold = panel(app).locator("[data-unfold]").first();
    if (name.startsWith("Пользовательские")) await unfold.click();
    await examine(page);
  }
});

test("axe sees the frame at all", async ({ page, open }) => {
  const app = await open();
  await app.locator("main").evaluate((main) => main.append(document.createElement("button")));
  const { violations } = await new AxeBuilder({ page }).include(["#app-frame", "html"]).analyze();
  expect(violations.map(({ id }) => id)).toContain("button-name");
  expect((await describe(1)).number).toBe(1);
});
