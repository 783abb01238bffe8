// The application comes to a portal, goes, and comes back.

import { error } from "../support/cloud.js";
import {
  WORDS,
  beginInstall,
  bendOpening,
  holdFinish,
  install,
  installButton,
  openMarket,
  openUnfinished,
  opensByItself,
  remove,
} from "../support/life.js";
import { alive, clickInMenu, enter, expect, panel, row, rows, tab, test } from "../support/story.js";

for (const lang of ["ru", "en"]) {
  test(`installed from the marketplace, the application opens by itself, ${lang}`, async ({ page, living }) => {
    const words = WORDS[lang];
    const installer = await beginInstall(page, living, lang);
    await expect(installer.locator("html")).toHaveAttribute("lang", lang);
    await expect(installer.locator(".step__name")).toHaveText(words.steps);
    expect((await living.state()).app.standing).toBe("installing");

    await installButton(installer, lang).click();
    await opensByItself(page, installer);
    await expect(rows(installer)).toHaveCount(6);
    await tab(installer, words.tabs[1]).click();
    await expect(rows(installer)).toHaveCount(25);
    expect((await living.state()).app).toMatchObject({ standing: "installed", installed_by: 1 });
  });
}

test("the installer says what CRMAP reads and keeps, how to remove it, and where it is all written down", async ({
  page,
  context,
  living,
}) => {
  const installer = await beginInstall(page, living);
  await expect(installer.locator(".install__facts")).toContainText("127.0.0.");
  for (const name of ["Что CRMAP читает", "Что CRMAP хранит", "Как всё убрать"]) {
    await expect(installer.getByRole("heading", { name })).toBeVisible();
  }
  await expect(installer.getByRole("main")).toContainText("Имена, должности и отделы сотрудников");
  await expect(installer.getByRole("main")).toContainText("Сами сделки, контакты, компании и лиды CRMAP не читает");
  await expect(installer.getByRole("main")).toContainText("в зашифрованном виде");
  for (const name of WORDS.ru.legal) {
    const [opened] = await Promise.all([
      context.waitForEvent("page"),
      installer.getByRole("navigation").getByRole("link", { name }).click(),
    ]);
    await expect(opened).toHaveURL(/\/legal\/(license|privacy|security|support)\?lang=ru$/);
    await expect(opened).toHaveTitle(`${name} — CRMAP`);
    await expect(opened.getByRole("heading", { level: 1 })).toBeVisible();
    await opened.close();
  }
  await expect(installButton(installer)).toBeEnabled();
});

test("the installation binds what it promises: changes of fields arrive, the page of funnels has a button", async ({
  page,
  living,
}) => {
  await install(page, living);
  await living.perform({ do: "rename_field", id: 131, label: "Тип изделия" });
  await expect.poll(() => living.deliveries("ONCRMDEALUSERFIELDUPDATE")).toEqual(["answered 200"]);

  await enter(page, { portal: living.number, path: "/crm/deal/funnels/" });
  await page.locator("#toolbar").getByRole("link", { name: "CRMAP" }).click();
  const app = page.frameLocator("#app-frame");
  await alive(app);
  await expect(rows(app)).toHaveCount(6);
});

test("the last page of the installer says that all is done, and what to do if nothing happens", async ({
  page,
  living,
}) => {
  await holdFinish(page);
  const installer = await beginInstall(page, living);
  await installButton(installer).click();
  await expect(installer.getByRole("status")).toHaveText(WORDS.ru.finished);
  await expect(installer.locator(".step--done")).toHaveCount(4);
  await expect(installer.getByText(WORDS.ru.late)).toBeVisible();
});

test("removed and installed again, with and without its data, three times over", async ({
  page,
  context,
  living,
  complaints,
}) => {
  test.setTimeout(240_000);
  complaints.expect(/status of (401|403|404|503)/);
  for (let round = 1; round <= 3; round += 1) {
    for (const clean of [false, true]) {
      await test.step(`round ${round}, ${clean ? "with" : "without"} the data`, async () => {
        await living.recover();
        await living.forgetDeliveries();
        const app = await install(page, living);
        await expect(rows(app)).toHaveCount(6);

        await remove(context, living, { clean });
        await expect.poll(() => living.deliveries("ONAPPUNINSTALL")).toEqual(["answered 200"]);
        // The open page shows what it has and can read no more: nothing even reaches the portal.
        // Its session is over, and the portal leaves its question for a fresh token unanswered.
        // CRMAP acts upon a farewell after it has answered, and nothing tells when.
        const refresh = app.getByRole("button", { name: "Обновить", exact: true });
        await expect(async () => {
          await living.forgetRequests();
          await refresh.click();
          await expect(refresh).toBeEnabled({ timeout: 20_000 });
          await expect(app.getByRole("alert")).toContainText("Показаны данные, прочитанные");
          expect(await living.requests()).toEqual([]);
        }).toPass({ timeout: 60_000 });
        await page.goto(page.url());
        await expect(page.locator("#app-refusal")).toContainText("Приложение не установлено");
      });
    }
  }
  expect((await living.state()).app.installations).toBeGreaterThanOrEqual(6);
});

test("before the installation is finished an employee reads whom to turn to", async ({ page, living }) => {
  await living.perform({ do: "install", user: 1 });
  await clickInMenu(page, { portal: living.number, user: "employee" });
  await expect(page.locator("#app-refusal")).toContainText("администратор портала не закончил его установку");

  // Should a portal let the employee in all the same, the application says it in its own words.
  const frame = await openUnfinished(page, living);
  await expect(frame.getByRole("main")).toContainText("Попросите администратора портала");
});

test("an employee cannot install from the marketplace, and the installer says who can", async ({ page, living }) => {
  const card = await openMarket(page, living, "ru", { user: "employee" });
  await expect(card).toContainText("Установить приложение может администратор портала.");
  await expect(card.getByRole("button")).toHaveCount(0);

  await living.perform({ do: "install", user: 1 });
  await living.perform({ do: "finish_install" });
  await bendOpening(page, "/bitrix/install");
  const frame = await clickInMenu(page, { portal: living.number, user: "employee" });
  await expect(frame.getByRole("heading")).toHaveText(WORDS.ru.forAdministrators);
  await expect(frame.getByRole("main")).toContainText("нет прав администратора");
  await expect(frame.locator(".install__request")).toContainText("нажмите «Установить»");
  await expect(frame.getByRole("button")).toHaveCount(0);
});

test("an administrator who comes back to what was left unfinished is let on", async ({ page, living }) => {
  const left = await beginInstall(page, living);
  await expect(installButton(left)).toBeEnabled();
  const frame = await clickInMenu(page, { portal: living.number });
  await installButton(frame).click();
  await opensByItself(page, frame);
  await expect(rows(frame)).toHaveCount(6);
});

test("a step that fails is shown with its cure, and a second try finishes", async ({ page, living }) => {
  const failure = error(500, "INTERNAL_SERVER_ERROR", "Internal server error");
  await living.suffer({ kind: "answer", method: "event.bind", effect: failure });
  const installer = await beginInstall(page, living);
  await installButton(installer).click();

  await expect(installer.getByRole("alert")).toContainText("Установка не завершена");
  const steps = installer.locator(".step");
  await expect(steps).toHaveText([/Готово/, /Не удалось/, /Не удалось/, /Готово/]);
  await expect(steps.nth(1)).toContainText("Узнавать об удалении приложения");
  await expect(steps.nth(1)).toContainText("На стороне портала произошла ошибка.");
  expect((await living.state()).app.standing).toBe("installing");

  await living.recover();
  await installer.getByRole("button", { name: "Повторить" }).click();
  await opensByItself(page, installer);
  await expect(rows(installer)).toHaveCount(6);
});

test("the subscription ends and comes back", async ({ page, living, complaints }) => {
  complaints.expect(/status of (403|503)/);
  const sentence = "Тариф или подписка портала не разрешают приложениям и вебхукам читать данные.";
  const app = await install(page, living);
  await living.perform({ do: "subscription", active: false });
  await expect.poll(() => living.deliveries("ONAPPPAYMENT")).toEqual(["answered 200"]);

  await app.getByRole("button", { name: "Обновить" }).click();
  await expect(app.getByRole("alert")).toContainText(sentence);
  await expect(rows(app)).toHaveCount(6);

  const anew = await clickInMenu(page, { portal: living.number });
  await expect(anew.getByRole("alert")).toContainText(sentence);
  await living.perform({ do: "subscription", active: true });
  await anew.getByRole("button", { name: "Повторить" }).click();
  await alive(anew);
  await expect(rows(anew)).toHaveCount(6);
  await tab(anew, "Пользовательские поля сделок").click();
  await expect(panel(anew)).toContainText("Тип изделия");
  await expect(row(anew, "UF_CRM_1713790573")).toBeVisible();
});
