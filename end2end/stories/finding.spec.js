// The search over all portals of a cabinet.

import { awake, expect, link, takePortal, test, visit } from "../support/cabinet.js";
import { examineWhole } from "../support/axe.js";
import { SIZES, fitsSideways, wholePicture } from "../support/pictures.js";
import { row } from "../support/story.js";

const FIELD = "UF_CRM_1713790573";
const ITEM = "Золотой дуб";
const box = (page) => page.getByRole("textbox", { name: "Название или ID" });
const hits = (page) => page.locator(".hit");
const groups = (page) => page.locator(".found__portal");

async function linkTwo(page, beside, token) {
  const inside = await beside();
  const portals = [takePortal(), takePortal()];
  for (const portal of portals) await link(inside, portal, token);
  return portals;
}

test("a field is found in every portal by ID and by name, and its row opens", async ({ page, beside, token }) => {
  test.slow();
  await linkTwo(page, beside, token);
  await visit(page, "/profile");
  await page.keyboard.press("/");
  await expect(page).toHaveURL(/\/search/);
  await awake(page);
  await expect(box(page)).toBeFocused();
  await box(page).fill(FIELD);
  await expect(groups(page)).toHaveCount(2);
  await expect(hits(page).first()).toContainText("Тип изделия");
  await expect(hits(page).first().locator("mark")).toHaveText(FIELD);
  await expect.poll(() => new URL(page.url()).searchParams.get("q")).toBe(FIELD);

  // Order of words, capitals and ё do not matter; a letter may be wrong.
  for (const [typed, remark] of [
    ["ИЗДЕЛИЯ тип", null],
    ["тип издлия", "слова отличаются на одну букву"],
    ["nbg bpltkbz", "другая раскладка"],
  ]) {
    await box(page).fill(typed);
    await expect(hits(page).filter({ hasText: FIELD })).toHaveCount(2);
    if (remark) await expect(page.getByRole("main")).toContainText(remark);
  }
  await examineWhole(page);
  await page.reload();
  await expect(hits(page).filter({ hasText: FIELD })).toHaveCount(2);
  await awake(page);

  // Whoever presses Enter while still typing comes to what was typed, not to what was found before.
  await box(page).fill(FIELD);
  await box(page).press("Enter");
  await expect(page.locator(".hit__link").first()).toBeFocused();
  await expect(hits(page).first().locator("mark")).toHaveText(FIELD);

  // By keys alone: into the results, to the second hit, back, and in.
  await box(page).focus();
  await expect(hits(page)).toHaveCount(2);
  await box(page).press("ArrowDown");
  await expect(page.locator(".hit__link").first()).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await expect(page.locator(".hit__link").nth(1)).toBeFocused();
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/portals\//);
  await awake(page);
  await expect(row(page, FIELD)).toBeVisible();
});

test("a list's item leads to its field, unfolded; nothing is found of what nobody has", async ({ page, beside, token }) => {
  test.slow();
  await linkTwo(page, beside, token);
  await visit(page, "/search");
  await expect(page.getByRole("heading", { name: "Что найти" })).toBeVisible();
  await box(page).fill(ITEM);
  await hits(page).filter({ hasText: "Элемент списка" }).first().locator(".hit__link").click();
  await awake(page);
  await expect(page.getByRole("tabpanel").getByText(ITEM, { exact: true })).toBeVisible();
  await visit(page, "/search");
  await box(page).fill("ничего такого нет");
  await expect(page.getByRole("heading", { name: "По запросу «ничего такого нет» ничего нет" })).toBeVisible();
  await box(page).press("Escape");
  await expect(box(page)).toHaveValue("");
  for (const size of ["wide", "narrow"]) {
    await page.setViewportSize(SIZES[size]);
    await box(page).fill("тип");
    await expect(groups(page).first()).toBeVisible();
    await fitsSideways(page, page);
    await wholePicture(page, "finding", size);
  }
});

test("the search answers without a script", async ({ page, beside, token, another, complaints }) => {
  test.slow();
  complaints.expect(/preloaded using link preload/);
  await linkTwo(page, beside, token);
  const state = await page.context().storageState();
  const plain = await another({ javaScriptEnabled: false, storageState: state });
  const silent = await beside(plain);
  await silent.goto(new URL("/search", page.url()).href);
  await box(silent).fill("тип изделия");
  await box(silent).press("Enter");
  await expect(groups(silent)).toHaveCount(2);
});
