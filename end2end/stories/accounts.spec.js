// Accounts: making one and getting in.

import { awake, expect, fieldOf, flawOf, register, somebody, test, visit } from "../support/cabinet.js";
import { letterTo } from "../support/mailbox.js";
import { NEW_PASSWORD, comesIn, enter, fill, isTurnedAway, press, told } from "../support/people.js";
import { APP } from "../support/places.js";

test("a password's strength shows while it is typed, and knows whose it is", async ({ page }) => {
  await visit(page, "/register");
  await fill(page, { name: "Анна Соколова", email: "sokolova@example.ru" });
  const meter = page.locator(".meter");
  const steps = [
    ["кот", "Слишком короткий", "1"],
    ["password1", "Подбирается сразу", "1"],
    ["Анна Соколова", "Подбирается сразу", "1"],
    ["зимородо", "Слабый: добавьте слово-другое", "2"],
    ["зимородок", "Хороший", "3"],
    ["зимородок и туман", "Отличный", "4"],
  ];
  for (const [typed, word, score] of steps) {
    await fieldOf(page, "password").fill("");
    await expect(meter).not.toHaveAttribute("data-score");
    await fieldOf(page, "password").pressSequentially(typed, { delay: 5 });
    await expect(meter, typed).toContainText(word);
    await expect(meter, typed).toHaveAttribute("data-score", score);
  }
});

test("what is wrong is told beside its field, and nothing that was typed is lost", async ({ page, complaints }) => {
  complaints.expect(/status of 422/);
  await visit(page, "/register");
  const good = somebody();
  const typed = { name: " ", email: "anna(at)example.ru", password: "12345678" };
  const repair = async (field, sentence) => {
    await press(page, "Зарегистрироваться");
    await expect(flawOf(page, field)).toContainText(sentence);
    await expect(fieldOf(page, field)).toHaveAttribute("aria-invalid", "true");
    await expect(fieldOf(page, field)).toBeFocused();
    for (const other of ["name", "email", "password"].filter((name) => name !== field)) {
      await expect(flawOf(page, other)).toBeEmpty();
    }
    for (const [name, value] of Object.entries(typed)) await expect(fieldOf(page, name)).toHaveValue(value);
    typed[field] = good[field];
    await fieldOf(page, field).fill(good[field]);
  };
  await fill(page, typed);
  await repair("name", "Укажите имя.");
  await repair("email", "Это не похоже на адрес эл. почты.");
  typed.password = "1234567";
  await fill(page, typed);
  await repair("password", "Пароль короче 8 знаков.");
  typed.password = "qwerty123";
  await fill(page, typed);
  await repair("password", "Такой пароль легко подобрать.");
  await press(page, "Зарегистрироваться");
  await expect(told(page, "Регистрация завершена")).toBeVisible();
});

test("a password can be shown, and stays as it was typed", async ({ page }) => {
  const person = { ...somebody(), password: "  пробелы по краям 47 туман  " };
  await visit(page, "/register");
  await fill(page, person);
  await expect(fieldOf(page, "password")).toHaveAttribute("type", "password");
  await press(page, "Показать пароль");
  await expect(fieldOf(page, "password")).toHaveAttribute("type", "text");
  await expect(fieldOf(page, "password")).toHaveValue(person.password);
  await press(page, "Зарегистрироваться");
  await expect(page).toHaveURL(/done=registered$/);
  await awake(page);
  await comesIn(page, person);
});

test("a wrong password and an unknown address look the same", async ({ page, context, complaints }) => {
  complaints.expect(/status of 403/);
  const person = somebody();
  await register(context, person);
  const pages = [];
  for (const wrong of [
    { ...person, password: "не тот пароль вовсе" },
    { ...somebody(), password: "не тот пароль вовсе" },
  ]) {
    await visit(page, "/login");
    await isTurnedAway(page, wrong);
    await expect(fieldOf(page, "email")).toHaveValue(wrong.email);
    await expect(fieldOf(page, "password")).toHaveValue(wrong.password);
    const main = await page.getByRole("main").innerHTML();
    pages.push(main.replaceAll(wrong.email, ""));
  }
  expect(pages[0]).toBe(pages[1]);
  await comesIn(page, person);
});

test("an address that has a cabinet already: the page says nothing of it, its owner gets a mail", async ({
  page,
  context,
  complaints,
}) => {
  complaints.expect(/status of 403/);
  const person = somebody();
  await register(context, person);
  await visit(page, "/register");
  const stranger = { ...person, name: "Кто-то другой", password: NEW_PASSWORD };
  await fill(page, stranger);
  await press(page, "Зарегистрироваться");
  await expect(told(page, "Регистрация завершена")).toBeVisible();
  const letter = await letterTo(person.email);
  expect(letter.subject).toBe("Войдите в CRMAP: кабинет у вас уже есть");
  expect(letter.text).not.toContain(stranger.name);
  await awake(page);
  await isTurnedAway(page, stranger);
  await comesIn(page, person);
  await visit(page, "/profile");
  await expect(page.getByRole("region", { name: "Учётные данные" })).toContainText(person.name);
});

test("after a few wrong passwords the page says how long to wait", async ({ page, context, complaints }) => {
  complaints.expect(/status of (403|429)/);
  const person = somebody();
  await register(context, person);
  await visit(page, "/login");
  const alert = page.getByRole("alert").filter({ hasText: "Слишком много попыток." });
  // Five are free, and one comes back in twelve seconds: on a slow machine more are needed.
  for (let tries = 0; tries < 20 && (await alert.count()) === 0; tries += 1) {
    await Promise.all([
      page.waitForResponse((answer) => answer.url().includes("/account/log-in")),
      enter(page, { ...person, password: `не тот пароль ${tries}` }),
    ]);
  }
  await expect(alert).toContainText(/Подождите \d+\sс и повторите\./);
  await expect(fieldOf(page, "email")).toHaveValue(person.email);
});

test("whoever is logged in does not see the doors, and pages lead there and back", async ({ page, owner }) => {
  for (const path of ["/", "/login", "/register"]) {
    await page.goto(APP + path);
    await expect(page).toHaveURL(/\/dashboard$/);
  }
  await awake(page);
  await page.getByRole("link", { name: "Профиль" }).click();
  await expect(page.getByRole("main")).toContainText(owner.email);
  await expect(page.getByRole("link", { name: "Профиль" })).toHaveAttribute("aria-current", "page");
  await page.getByRole("link", { name: "Дашборд" }).click();
  await expect(page).toHaveURL(/\/dashboard$/);
  await expect(page).toHaveTitle("Дашборд — CRMAP");
});
