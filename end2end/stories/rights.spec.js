// An employee sees what the portal lets them read, and why the rest is not there.

import { expect, ids, panel, row, rows, tab, test } from "../support/story.js";

test("an employee does not see the funnel that is hidden from them", async ({ open }) => {
  const app = await open({ user: "employee" });
  await expect(app.locator(".head")).toContainText("права сотрудника");
  await expect(rows(app)).toHaveCount(5);
  expect(await ids(app)).not.toContain("19");
  await tab(app, "Статусы воронок").click();
  // The portal gives the stages of all funnels to everybody; the group says that the funnel is unseen.
  await expect(panel(app)).toContainText("Воронка 19, не видна этому пользователю");
});

test("narrow rights show two funnels; a section that was refused says why and what to do", async ({ open }) => {
  const app = await open({ user: "narrow" });
  await expect(rows(app)).toHaveCount(2);
  expect(await ids(app)).toEqual(["0", "7"]);
  await expect(tab(app, "Поля контактов")).toContainText("—");
  await tab(app, "Поля контактов").click();
  await expect(panel(app)).toContainText("Раздел не прочитан");
  await expect(panel(app)).toContainText("Попросите администратора портала открыть доступ");
});

test("the settings tell an employee who may link the portal", async ({ open }) => {
  const app = await open({ user: "employee" });
  await app.getByRole("button", { name: "Настройки" }).click();
  const dialog = app.getByRole("dialog", { name: "Настройки" });
  await expect(dialog).toContainText("может только администратор портала");
  await expect(dialog.getByLabel("Токен подключения")).toHaveCount(0);
});
