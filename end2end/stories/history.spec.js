// The history of a portal: what changed, what an ID was on a date, how the portal was then.

import { awake, expect, link, pageOf, portalsOf, test, visit } from "../support/cabinet.js";
import { examineWhole } from "../support/axe.js";
import { press } from "../support/people.js";
import { SIZES, fitsSideways, wholePicture } from "../support/pictures.js";
import { row, tab } from "../support/story.js";

const FIELD = "UF_CRM_1713790573";
const changes = (page) => page.locator(".history__changes li");

// What was read within half a minute is not read again by a run.
const outliveReadings = (page) => page.waitForTimeout(31_000);

test("what changed in a portal is told in words, found by its ID, and shown as it was", async ({
  page,
  beside,
  token,
  portal,
}) => {
  test.setTimeout(120_000);
  await link(await beside(), portal, token);
  await visit(page, await pageOf(portal, "?view=history"));
  await expect(page.getByRole("main")).toContainText("С тех пор ничего не изменилось.");

  await outliveReadings(page);
  await portal.perform({ do: "rename_field", id: 131, label: "Тип изделия сегодня" });
  await portal.perform({ do: "remove_field", id: 219 });
  await visit(page, await pageOf(portal));
  await expect(tab(page, "Поля контактов")).toContainText("13");
  await press(page, "Обновить");
  await expect(tab(page, "Поля контактов")).toContainText("12", { timeout: 20_000 });
  await visit(page, await pageOf(portal, "?view=history"));
  await expect(changes(page)).toHaveCount(2);
  await expect(changes(page).filter({ hasText: FIELD })).toContainText("«Тип изделия» → «Тип изделия сегодня»");
  await expect(changes(page).filter({ hasText: "UF_CRM_DISCOUNT" })).toContainText("Удалено");
  await examineWhole(page);

  await page.getByRole("checkbox", { name: "удалено", exact: false }).check();
  await press(page, "Показать");
  await expect(changes(page)).toHaveCount(1);
  await expect(page).toHaveURL(/kind=removed/);
  await page.reload();
  await expect(changes(page)).toContainText("UF_CRM_DISCOUNT");

  // An ID that is gone is found as well.
  await page.getByLabel("ID", { exact: true }).fill("UF_CRM_DISCOUNT");
  await press(page, "Найти");
  const answer = page.locator(".history__answer");
  await expect(answer).toContainText("UF_CRM_DISCOUNT");
  await expect(page.getByRole("heading", { name: "Все изменения с этим ID" })).toBeVisible();

  // The specification of that moment still has it, and says that it is old.
  await visit(page, await pageOf(portal, "?version=1&tab=contact-fields"));
  await expect(page.getByRole("main")).toContainText("Это спецификация на");
  await expect(row(page, "UF_CRM_DISCOUNT")).toBeVisible();
  await page.getByRole("link", { name: "Открыть текущую" }).click();
  await awake(page);
  await tab(page, "Поля контактов").click();
  await expect(row(page, "UF_CRM_DISCOUNT")).toHaveCount(0);

  await visit(page, await pageOf(portal, "?view=history"));
  for (const size of ["narrow", "wide"]) {
    await page.setViewportSize(SIZES[size]);
    await fitsSideways(page, page);
    await wholePicture(page, "history", size);
  }
  // Two moments side by side.
  await page.getByRole("link", { name: "Сравнить с текущей" }).last().click();
  await awake(page);
  await page.getByRole("navigation", { name: "Какие строки показать" }).getByRole("link", { name: /^Различия/ }).click();
  await expect(page.locator("tr.pair[data-id]")).toContainText(["Тип изделия сегодня"]);
});

test("a change that its owner has not seen is counted until it was looked at", async ({ page, beside, token, portal }) => {
  test.setTimeout(120_000);
  await link(await beside(), portal, token);
  await visit(page, await pageOf(portal));
  await outliveReadings(page);
  await portal.perform({ do: "rename_field", id: 131, label: "Тип изделия завтра" });
  await visit(page, "/dashboard");
  await press(page, "Обновить все");
  await expect(page.locator("#run")).toContainText("Прочитано 1 из 1", { timeout: 60_000 });
  await expect(page.getByRole("region", { name: /^Требуют внимания/ })).toBeVisible();
  // Told by the page once it lives.
  const noted = page.waitForResponse(/\/api\/portal\/looked-at/);
  await visit(page, await pageOf(portal, "?view=history"));
  await expect(changes(page)).toContainText(["Тип изделия завтра"]);
  await noted;
  await visit(page, "/dashboard");
  await expect(portalsOf(page)).toHaveCount(1);
  await expect(page.getByRole("region", { name: /^Требуют внимания/ })).toHaveCount(0);
});
