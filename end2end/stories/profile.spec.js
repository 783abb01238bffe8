// The profile: changes of an account, its devices, and its end.

import { awake, expect, fieldOf, flawOf, link, logIn, somebody, test, visit } from "../support/cabinet.js";
import { letterTo } from "../support/mailbox.js";
import { NEW_PASSWORD, comesIn, fill, isTurnedAway, leave, press, told } from "../support/people.js";
import { APP } from "../support/places.js";

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
  // The other device's dashboard, still without portals, asks by itself whether there is one.
  complaints.expect(/status of (401|403|422)/);
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

// Exact moments are those of the reader's clock, so many hours before UTC, once the page is alive: what
// stands there, and what is shown to whoever points at an age.
async function readsByItsOwnClock(page, hours) {
  const newest = page.getByRole("table", { name: "Журнал действий" }).locator(".log__moment").first();
  await expect(newest).toHaveText(/^\d\d\.\d\d\.\d{4}\s\d\d:\d\d$/);
  const age = page.getByRole("region", { name: "Устройства" }).locator("time").first();
  await age.hover();
  await expect(age).toHaveAttribute("title", /^\d\d\.\d\d\.\d{4}\s\d\d:\d\d$/);
  for (const said of [await newest.textContent(), await age.getAttribute("title")]) {
    const [day, month, year, hour, minute] = said.match(/\d+/g).map(Number);
    const at = Date.UTC(year, month - 1, day, hour - hours, minute);
    expect(Math.abs(Date.now() - at), said).toBeLessThan(5 * 60_000);
  }
}

test("devices are listed with where they are, and signed out one by one or all at once", async ({
  page,
  owner,
  another,
  beside,
  complaints,
}) => {
  complaints.expect(/status of 401/);
  const devices = [];
  const far = { userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", timezoneId: "Asia/Vladivostok" };
  for (const options of [far, {}, {}]) {
    const elsewhere = await another(options);
    await logIn(elsewhere, owner);
    const device = await beside(elsewhere);
    await visit(device, "/profile");
    devices.push(device);
  }
  await readsByItsOwnClock(devices[0], 10);
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
