// The door in the language and the theme that somebody wants, and without script.

import {
  awake,
  expect,
  fieldOf,
  flawOf,
  portalsOf,
  register,
  settle,
  somebody,
  test,
  visit,
} from "../support/cabinet.js";
import { letterTo } from "../support/mailbox.js";
import { NEW_PASSWORD, NOT_TOGETHER, choose, enter, fill, inkOf, press, told } from "../support/people.js";
import { APP } from "../support/places.js";

test("language and theme are switched before the door and behind it, and stay", async ({ page, context }) => {
  await visit(page, "/login");
  await expect(page.locator("html")).toHaveAttribute("lang", "ru");
  await choose(page, "Язык", "English");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Log in to your cabinet");
  await choose(page, "Theme", "Dark");
  const dark = await inkOf(page);
  await choose(page, "Theme", "Light");
  expect(await inkOf(page)).not.toBe(dark);
  await choose(page, "Theme", "Dark");

  await settle(context);
  await visit(page, "/dashboard?q=a&sort=age");
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  expect(await inkOf(page)).toBe(dark);
  await page.reload();
  await awake(page);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Dashboard");
  expect(await inkOf(page)).toBe(dark);
  await choose(page, "Language", "Русский");
  await expect(page).toHaveURL(/\/dashboard\?q=a&sort=age$/);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Дашборд");
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("lang", "ru");
  await awake(page);
  await choose(page, "Тема", "Как в системе");
  expect(await inkOf(page)).not.toBe(dark);
});

test("without a choice the page follows the system's theme", async ({ page }) => {
  await page.emulateMedia({ colorScheme: "dark" });
  await visit(page, "/login");
  const dark = await inkOf(page);
  await page.emulateMedia({ colorScheme: "light" });
  expect(await inkOf(page)).not.toBe(dark);
});

test.describe("without script", () => {
  test.use({ javaScriptEnabled: false });

  test("registering with a mistake, logging in, the dashboard, the profile, the way out", async ({
    page,
    complaints,
  }) => {
    complaints.expect(/status of (403|422)/);
    const person = somebody();
    await page.goto(`${APP}/register`);
    await fill(page, { ...person, email: "anna(at)example.ru" });
    await press(page, "Зарегистрироваться");
    await expect(flawOf(page, "email")).toContainText("Это не похоже на адрес эл. почты.");
    await expect(fieldOf(page, "name")).toHaveValue(person.name);
    await expect(fieldOf(page, "email")).toHaveValue("anna(at)example.ru");
    await fill(page, person);
    await press(page, "Зарегистрироваться");
    await expect(told(page, "Регистрация завершена")).toBeVisible();

    await enter(page, { ...person, password: "не тот пароль" });
    await expect(page.getByRole("alert").filter({ hasText: NOT_TOGETHER })).toBeVisible();
    await expect(fieldOf(page, "email")).toHaveValue(person.email);
    await enter(page, person);
    await expect(page).toHaveURL(/\/dashboard$/);
    await expect(page.getByRole("heading", { name: "Подключите первый портал" })).toBeVisible();
    await page.getByRole("link", { name: "Профиль" }).click();
    await expect(page.getByRole("region", { name: "Учётные данные" })).toContainText(person.email);
    await choose(page, "Язык", "English");
    await expect(page).toHaveURL(/\/profile$/);
    await expect(page.locator("html")).toHaveAttribute("lang", "en");
    await choose(page, "Language", "Русский");

    await page.getByRole("link", { name: "Выйти" }).click();
    await expect(page).toHaveURL(/\/logout$/);
    await page.getByRole("link", { name: "Остаться" }).click();
    await expect(page).toHaveURL(/\/dashboard$/);
    await page.goto(`${APP}/logout`);
    await press(page, "Выйти");
    await expect(told(page, "Вы вышли из кабинета")).toBeVisible();
    await page.goto(`${APP}/dashboard`);
    await expect(page).toHaveURL(/\/login$/);
  });

  test("a forgotten password, with the code typed in", async ({ page, context, complaints }) => {
    complaints.expect(/status of (403|422)/);
    const person = somebody();
    await register(context, person);
    await page.goto(`${APP}/password`);
    await fill(page, { email: person.email });
    await press(page, "Прислать ссылку");
    await expect(told(page, "Проверьте почту")).toBeVisible();
    const code = /#(\S+)$/m.exec((await letterTo(person.email)).text)[1];
    await page.goto(`${APP}/password/new`);
    await fill(page, { code, password: NEW_PASSWORD });
    await press(page, "Сохранить пароль");
    await expect(told(page, "Новый пароль сохранён")).toBeVisible();
    await enter(page, { ...person, password: NEW_PASSWORD });
    await expect(page).toHaveURL(/\/dashboard$/);
    await expect(portalsOf(page)).toHaveCount(0);
  });
});

// The colour of the page's text: what a theme changes.
