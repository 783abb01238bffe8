// The server goes down and comes back in the middle of everything, on both databases: nothing that was
// done is lost, and pages that are open say what happened and go on afterwards.

import { awake, expect, fieldOf, isRead, portalsOf, somebody, test as base, verdict } from "../support/cabinet.js";
import { DATABASES, House } from "../support/house.js";
import { alive, rows } from "../support/story.js";

const test = base.extend({
  database: ["SQLite", { option: true }],
  // A cluster of PostgreSQL may have to be started.
  house: [
    async ({ database }, use, info) => {
      const house = await House.build(database, info.outputPath("house"));
      await use(house);
      await house.tearDown();
    },
    { timeout: 120_000 },
  ],
});

const press = (where, name) => where.getByRole("button", { name, exact: true }).click();
const UNREACHABLE = "CRMAP не отвечает";

for (const database of Object.keys(DATABASES)) {
  test.describe(database, () => {
    test.use({ database });

    test("the server is killed and started again all along the way", async ({ page, house, beside, complaints }) => {
      test.setTimeout(120_000);
      // What a page asks while the server goes: before it is connected, on the way, and for the answer.
      complaints.expect(/ERR_CONNECTION_REFUSED|ERR_SOCKET_NOT_CONNECTED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE/);
      complaints.expect(/status of 401/);
      const person = somebody();

      await test.step("between the registration and the log-in", async () => {
        await page.goto(`${house.app}/register`);
        await awake(page);
        await fieldOf(page, "name").fill(person.name);
        await fieldOf(page, "email").fill(person.email);
        await fieldOf(page, "password").fill(person.password);
        await press(page, "Зарегистрироваться");
        await expect(page).toHaveURL(/done=registered$/);
        // A page that is cut off while it arrives is another story.
        await awake(page);
        await house.restart("SIGKILL");
        await page.reload();
        await awake(page);
      });

      await test.step("while somebody logs in: what was typed stays, the second try succeeds", async () => {
        await fieldOf(page, "email").fill(person.email);
        await fieldOf(page, "password").fill(person.password);
        await house.stop("SIGTERM");
        await press(page, "Войти");
        await expect(page.getByRole("alert").filter({ hasText: UNREACHABLE })).toBeVisible();
        await expect(fieldOf(page, "password")).toHaveValue(person.password);
        await house.start();
        await press(page, "Войти");
        await expect(page).toHaveURL(/\/dashboard$/);
      });

      await test.step("after the log-in: the session survives", async () => {
        await awake(page);
        for (const signal of ["SIGKILL", "SIGTERM"]) {
          await house.restart(signal);
          await page.reload();
          await expect(page).toHaveURL(/\/dashboard$/);
          await awake(page);
        }
      });

      const token = await tokenHere(page);

      await test.step("during the dialog in the portal", async () => {
        const inside = await beside();
        const app = await house.openIn(inside);
        await alive(app);
        await press(app, "Настройки");
        const dialog = app.getByRole("dialog", { name: "Настройки" });
        await expect(dialog).toContainText("Портал пока не подключён ни к одному кабинету.");
        await house.stop("SIGKILL");
        await dialog.getByLabel("Токен подключения").fill(token);
        await press(dialog, "Продолжить");
        await expect(verdict(dialog)).toContainText(UNREACHABLE);
        await expect(dialog.getByLabel("Токен подключения")).toHaveValue(token);
        await house.start();
        // The page's own session is over with the server; the portal gives it another one unseen.
        await press(dialog, "Продолжить");
        await expect(dialog).toContainText(person.name);
        await house.restart("SIGTERM");
        await press(dialog, "Подключить");
        await expect(verdict(dialog)).toHaveText("Портал подключён к кабинету", { timeout: 20_000 });
        await expect(dialog.getByRole("listitem")).toHaveCount(1);
        await inside.close();
      });

      await test.step("the link survives, and so does a dialog that is open in the cabinet", async () => {
        await page.goto(`${house.app}/dashboard`);
        const linked = portalsOf(page).getByRole("link");
        await isRead(page.context(), await linked.evaluate(({ href }) => href));
        await awake(page);
        await house.restart("SIGKILL");
        await page.goto(`${house.app}/dashboard`);
        await expect(portalsOf(page)).toHaveCount(1);
        await linked.click();
        await awake(page);
        await press(page, "Название, метки и заметка");
        const dialog = page.getByRole("dialog", { name: "Название, метки и заметка" });
        await fieldOf(dialog, "label").fill("Окна Сибири");
        await house.stop("SIGKILL");
        await press(dialog, "Сохранить");
        await expect(dialog.getByRole("alert").filter({ hasText: UNREACHABLE })).toBeVisible();
        await expect(fieldOf(dialog, "label")).toHaveValue("Окна Сибири");
        await house.start();
        await press(dialog, "Сохранить");
        await expect(dialog).toBeHidden();
        await expect(page.getByRole("heading", { level: 1 })).toHaveText("Окна Сибири");
      });

      await test.step("a refresh without a server keeps what was read; another one reads", async () => {
        await house.stop("SIGTERM");
        await press(page, "Обновить");
        const alert = page.getByRole("main").getByRole("alert").filter({ hasText: UNREACHABLE });
        await expect(alert).toBeVisible();
        await expect(rows(page)).toHaveCount(6);
        await house.start();
        await press(page, "Повторить");
        await expect(alert).toHaveCount(0);
        await expect(page.getByRole("button", { name: "Обновить", exact: true })).toBeEnabled({ timeout: 20_000 });
        await expect(page.getByRole("main").getByRole("alert").filter({ hasText: /\S/ })).toHaveCount(0);
        await page.reload();
        await expect(page.getByRole("heading", { level: 1 })).toHaveText("Окна Сибири");
        await expect(rows(page)).toHaveCount(6);
      });

      await test.step("the door works, and what was logged out stays out after a restart", async () => {
        await awake(page);
        await page.getByRole("link", { name: "Выйти" }).click();
        await press(page.getByRole("dialog", { name: "Выйти из кабинета?" }), "Выйти");
        await expect(page).toHaveURL(/done=left$/);
        await awake(page);
        await house.restart("SIGKILL");
        await page.goto(`${house.app}/dashboard`);
        await expect(page).toHaveURL(/\/login$/);
      });
    });
  });
}

// Of the page that is shown.
async function tokenHere(page) {
  await page.getByRole("button", { name: "Показать токен" }).click();
  const text = page.locator(".token code");
  await expect(text).not.toContainText("•");
  return text.textContent();
}
