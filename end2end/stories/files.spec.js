// Files of one portal and of many.

import { readFile } from "node:fs/promises";
import { expect, link, pageOf, takePortal, test, visit } from "../support/cabinet.js";

async function fileBy(page, act) {
  const [download] = await Promise.all([page.waitForEvent("download"), act()]);
  return { name: download.suggestedFilename(), content: await readFile(await download.path()) };
}

test("a portal's page gives its specification in every form", async ({ page, beside, token, portal }) => {
  test.slow();
  await link(await beside(), portal, token);
  await visit(page, await pageOf(portal));
  const starts = { TXT: "\uFEFF", JSON: "{", CSV: "\uFEFF", XLSX: "PK" };
  for (const [form, start] of Object.entries(starts)) {
    const file = await fileBy(page, async () => {
      await page.getByText("Скачать", { exact: true }).click();
      await page.getByRole("link", { name: `Сохранить в ${form} файл` }).click();
    });
    expect(file.name).toMatch(new RegExp(`^crmap_127\\.0\\.0\\.\\d+.*_\\d{4}-\\d\\d-\\d\\d\\.${form.toLowerCase()}$`));
    expect(file.content.toString("utf8").startsWith(start), form).toBe(true);
    expect(file.content.length).toBeGreaterThan(2_000);
  }
});

test("several portals are saved as one archive or one workbook", async ({ page, beside, token }) => {
  test.slow();
  const inside = await beside();
  for (const portal of [takePortal(), takePortal()]) await link(inside, portal, token);
  await visit(page, "/dashboard");
  const bar = page.getByRole("form", { name: "Действия с выбранными порталами" });
  await bar.getByRole("checkbox", { name: /^Выбрать все показанные/ }).check();
  const buttons = bar.locator("button[name=format]");
  const forms = await buttons.evaluateAll((all) => all.map((one) => one.value));
  expect(forms.toSorted()).toEqual(["csv", "json", "txt", "workbook", "xlsx"]);
  for (const form of forms) {
    await bar.getByText("Скачать", { exact: true }).click();
    const file = await fileBy(page, () => bar.locator(`button[value=${form}]`).click());
    expect(file.name).toMatch(form === "workbook" ? /\.xlsx$/ : /\.zip$/);
    expect(file.content.subarray(0, 2).toString()).toBe("PK");
  }
  await visit(page, "/profile");
  await expect(page.getByRole("main")).toContainText("Выгружено порталов: 2");
});
