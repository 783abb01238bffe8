// Accounts: making one, getting in, a forgotten password, changes, devices, the end; with script and
// without.

import {
  awake,
  expect,
  fieldOf,
  flawOf,
  link,
  logIn,
  portalsOf,
  register,
  settle,
  somebody,
  test,
  visit,
} from "../support/cabinet.js";
import { letterTo, lettersTo } from "../support/mailbox.js";
import { APP } from "../support/places.js";

const NEW_PASSWORD = "сорок две чайки над пристанью";
const NOT_TOGETHER = "Эл. почта и пароль не подходят друг к другу.";

const press = (page, name) => page.getByRole("button", { name, exact: true }).click();
const told = (page, text) => page.getByRole("status").filter({ hasText: text });

async function fill(page, values) {
  for (const [name, value] of Object.entries(values)) await fieldOf(page, name).fill(value);
}

// Logs in by the page; waits for nothing.
async function enter(page, { email, password }) {
  await fill(page, { email, password });
  await press(page, "Войти");
}

async function comesIn(page, person) {
  await enter(page, person);
  await expect(page).toHaveURL(/\/dashboard$/);
  await awake(page);
}

async function isTurnedAway(page, person) {
  await enter(page, person);
  await expect(page.getByRole("alert").filter({ hasText: NOT_TOGETHER })).toBeVisible();
}

// --- getting in -----------------------------------------------------------------------------------

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
  for (let tries = 0; tries < 6; tries += 1) {
    await Promise.all([
      page.waitForResponse((answer) => answer.url().includes("/account/log-in")),
      enter(page, { ...person, password: `не тот пароль ${tries}` }),
    ]);
  }
  await expect(alert).toContainText(/Подождите \d+ с и повторите\./);
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

// --- a forgotten password -------------------------------------------------------------------------

test("a forgotten password is set anew by a mail, once; every device is out", async ({
  page,
  another,
  beside,
  complaints,
}) => {
  complaints.expect(/status of (403|422)/);
  const person = somebody();
  const elsewhere = await another();
  await settle(elsewhere, person);
  const device = await beside(elsewhere);
  await visit(device, "/dashboard");

  await visit(page, "/login");
  await page.getByRole("link", { name: "Забыли пароль?" }).click();
  await awake(page);
  await fill(page, { email: "не адрес" });
  await press(page, "Прислать ссылку");
  await expect(flawOf(page, "email")).toContainText("Это не похоже на адрес эл. почты.");
  await fill(page, { email: person.email });
  await press(page, "Прислать ссылку");
  await expect(told(page, "Проверьте почту")).toBeVisible();
  const letter = await letterTo(person.email);
  expect(letter.subject).toBe("Задайте новый пароль для CRMAP");
  const address = /^http\S+\/password\/new#\S+$/m.exec(letter.text)[0];
  expect(address.startsWith(`${APP}/password/new#`)).toBe(true);

  const asked = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.goto(address);
  await awake(page);
  await expect(page).toHaveURL(`${APP}/password/new`);
  const code = address.split("#")[1];
  await expect(fieldOf(page, "code")).toHaveValue(code);
  await expect(fieldOf(page, "password")).toBeFocused();
  expect(asked.filter((url) => url.includes(code) && !url.includes("#"))).toEqual([]);
  await fill(page, { password: "коротко" });
  await press(page, "Сохранить пароль");
  await expect(flawOf(page, "password")).toContainText("Пароль короче 8 знаков.");
  await fill(page, { password: NEW_PASSWORD });
  await press(page, "Сохранить пароль");
  await expect(told(page, "Новый пароль сохранён")).toBeVisible();
  expect((await letterTo(person.email)).subject).toBe("Проверьте: пароль CRMAP задан заново");

  await awake(page);
  await isTurnedAway(page, person);
  await comesIn(page, { ...person, password: NEW_PASSWORD });
  await device.reload();
  await expect(device).toHaveURL(/\/login$/);

  const again = await beside();
  await again.goto(address);
  await awake(again);
  await fill(again, { password: "совсем другие слова 83 лодки" });
  await press(again, "Сохранить пароль");
  await expect(flawOf(again, "code")).toContainText("Код не подошёл, уже использован или устарел.");
  await expect(fieldOf(again, "password")).toHaveValue("совсем другие слова 83 лодки");
});

test("a forgotten password of nobody: the page says the same, and nobody gets a mail", async ({ page }) => {
  const nobody = somebody();
  await visit(page, "/password");
  await fill(page, { email: nobody.email });
  await press(page, "Прислать ссылку");
  await expect(told(page, "Проверьте почту")).toBeVisible();
  await page.waitForTimeout(1_000);
  expect(await lettersTo(nobody.email)).toEqual([]);
});

// --- changes --------------------------------------------------------------------------------------

test("the name is changed and stays changed", async ({ page, owner }) => {
  await visit(page, "/profile");
  const data = page.getByRole("region", { name: "Учётные данные" });
  await expect(data).toContainText(owner.name);
  await page.getByText("Изменить имя").click();
  await fieldOf(page, "name").fill("   ");
  await data.getByRole("button", { name: "Сохранить" }).click();
  await expect(flawOf(page, "name")).toContainText("Укажите имя.");
  await fieldOf(page, "name").fill("Анна Орлова-Соколова");
  await data.getByRole("button", { name: "Сохранить" }).click();
  await expect(told(page, "Имя сохранено")).toHaveCount(1);
  await expect(data.getByText("Анна Орлова-Соколова", { exact: true })).toBeVisible();
  await page.reload();
  await expect(data.getByText("Анна Орлова-Соколова", { exact: true })).toBeVisible();
  await expect(page.getByRole("table", { name: "Журнал действий" })).toContainText("Имя изменено");
});

test("the address is changed by whoever knows the password; the old one is told", async ({
  page,
  owner,
  complaints,
}) => {
  complaints.expect(/status of (403|422)/);
  const fresh = somebody();
  await visit(page, "/profile");
  const part = page.getByRole("region", { name: "Эл. почта и пароль" });
  await part.getByText("Изменить эл. почту").first().click();
  await fill(part, { email: fresh.email, present: "не тот пароль" });
  await press(part, "Изменить эл. почту");
  await expect(flawOf(page, "present")).toContainText("Пароль не подошёл.");
  await expect(fieldOf(part, "email")).toHaveValue(fresh.email);
  await fill(part, { present: owner.password });
  await Promise.all([page.waitForEvent("load"), press(part, "Изменить эл. почту")]);
  await awake(page);
  await expect(page.getByRole("region", { name: "Учётные данные" })).toContainText(fresh.email);
  const letter = await letterTo(owner.email);
  expect(letter.subject).toBe("Проверьте: у кабинета CRMAP новый адрес почты");
  expect(letter.text).not.toContain(fresh.email);

  await leave(page);
  await isTurnedAway(page, owner);
  await comesIn(page, { ...owner, email: fresh.email });
});

test("the password is changed: the old one is dead, other devices are out, this one stays", async ({
  page,
  owner,
  another,
  beside,
  complaints,
}) => {
  complaints.expect(/status of (403|422)/);
  const elsewhere = await another();
  await logIn(elsewhere, owner);
  const device = await beside(elsewhere);
  await visit(device, "/dashboard");

  await visit(page, "/profile");
  const part = page.getByRole("region", { name: "Эл. почта и пароль" });
  await part.getByText("Изменить пароль").first().click();
  await fill(part, { old: "не тот пароль", password: NEW_PASSWORD });
  await press(part, "Изменить пароль");
  await expect(flawOf(page, "old")).toContainText("Пароль не подошёл.");
  await expect(fieldOf(part, "password")).toHaveValue(NEW_PASSWORD);
  await fill(part, { old: owner.password });
  await press(part, "Изменить пароль");
  await expect(told(page, "Пароль изменён. На других устройствах выполнен выход.")).toHaveCount(1);
  await expect(fieldOf(part, "password")).toHaveValue("");
  expect((await letterTo(owner.email)).subject).toBe("Проверьте: пароль CRMAP изменён");

  await device.reload();
  await expect(device).toHaveURL(/\/login$/);
  await page.reload();
  await expect(page).toHaveURL(/\/profile$/);
  await awake(page);
  await leave(page);
  await isTurnedAway(page, owner);
  await comesIn(page, { ...owner, password: NEW_PASSWORD });
});

test("devices are listed with where they are, and signed out one by one or all at once", async ({
  page,
  owner,
  another,
  beside,
  complaints,
}) => {
  complaints.expect(/status of 401/);
  const devices = [];
  for (const options of [{ userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0" }, {}, {}]) {
    const elsewhere = await another(options);
    await logIn(elsewhere, owner);
    const device = await beside(elsewhere);
    await visit(device, "/profile");
    devices.push(device);
  }
  await visit(page, "/profile");
  const list = page.getByRole("region", { name: "Устройства" }).getByRole("listitem");
  await expect(list).toHaveCount(4);
  await expect(list.filter({ hasText: "это устройство" })).toHaveCount(1);
  await expect(list.filter({ hasText: "это устройство" }).getByRole("button")).toHaveCount(0);
  const firefox = list.filter({ hasText: "Firefox, Linux" });
  await expect(firefox).toContainText(/10\.\d+\.\d+\.\d+/);
  await press(firefox, "Выйти");
  await expect(list).toHaveCount(3);
  // The page that is open there learns of it with the next thing that it does.
  await devices[0].getByText("Изменить имя").click();
  await press(devices[0].getByRole("region", { name: "Учётные данные" }), "Сохранить");
  await expect(devices[0]).toHaveURL(/\/login$/);

  await devices[1].reload();
  await expect(devices[1]).toHaveURL(/\/profile$/);
  await press(page, "Выйти на всех других устройствах");
  await expect(list).toHaveCount(1);
  for (const device of devices.slice(1)) {
    await device.reload();
    await expect(device).toHaveURL(/\/login$/);
  }
  await page.reload();
  await expect(page).toHaveURL(/\/profile$/);
  await expect(list).toHaveCount(1);
});

// --- the end --------------------------------------------------------------------------------------

test("the door: staying, and leaving", async ({ page, owner }) => {
  await visit(page, "/profile");
  await page.getByRole("link", { name: "Выйти" }).click();
  const question = page.getByRole("dialog", { name: "Выйти из кабинета?" });
  await press(question, "Остаться");
  await expect(question).toBeHidden();
  await expect(page).toHaveURL(/\/profile$/);
  await leave(page);
  await page.goBack();
  await expect(page.getByRole("main")).not.toContainText(owner.email);
  await page.goto(`${APP}/profile`);
  await expect(page).toHaveURL(/\/login$/);
});

test("the cabinet is deleted for good; the portal goes on without it", async ({
  page,
  owner,
  token,
  beside,
  portal,
  complaints,
}) => {
  complaints.expect(/status of 403/);
  const dialog = await link(await beside(), portal, token);
  await visit(page, "/profile");
  await press(page, "Удалить кабинет");
  const question = page.getByRole("dialog", { name: "Удалить кабинет безвозвратно?" });
  await expect(question).toContainText("связи с порталами (1)");
  await fill(question, { confirm: "не тот пароль" });
  await press(question, "Удалить");
  await expect(question).toContainText("Пароль не подошёл.");
  await expect(fieldOf(question, "confirm")).toHaveValue("не тот пароль");
  await fill(question, { confirm: owner.password });
  await press(question, "Удалить");
  await expect(told(page, "Кабинет удалён")).toBeVisible();
  await awake(page);
  await isTurnedAway(page, owner);

  await dialog.getByRole("button", { name: "Закрыть" }).click();
  const app = dialog.page().frameLocator("#app-frame");
  await app.getByRole("button", { name: "Настройки" }).click();
  await expect(app.getByRole("dialog", { name: "Настройки" })).toContainText("не подключён ни к одному кабинету");
});

// --- language and theme ---------------------------------------------------------------------------

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

// --- without script -------------------------------------------------------------------------------

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
const inkOf = (page) => page.evaluate(() => getComputedStyle(document.body).color);

async function choose(page, menu, item) {
  await page.locator(`summary[aria-label="${menu}"]`).click();
  await page.locator("details[open]").getByRole("button", { name: item }).click();
  await page.waitForLoadState();
}

// Leaves by the door.
async function leave(page) {
  await page.getByRole("link", { name: "Выйти" }).click();
  await press(page.getByRole("dialog", { name: "Выйти из кабинета?" }), "Выйти");
  await expect(page).toHaveURL(/\/login\?done=left$/);
  await awake(page);
}
