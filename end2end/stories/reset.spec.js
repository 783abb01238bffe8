// A forgotten password.

import { awake, expect, fieldOf, flawOf, register, settle, somebody, test, visit } from "../support/cabinet.js";
import { letterTo, lettersTo } from "../support/mailbox.js";
import { NEW_PASSWORD, comesIn, fill, isTurnedAway, press, told } from "../support/people.js";
import { APP } from "../support/places.js";

test("a forgotten password is set anew by a mail, once; every device is out", async ({
  page,
  another,
  beside,
  complaints,
}) => {
  // The dashboard of a device that is out asks once more whether a portal was linked.
  complaints.expect(/status of (401|403|422)/);
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

test("a forgotten password of nobody: the page says the same, and nobody gets a mail", async ({ page, context }) => {
  const [nobody, person] = [somebody(), somebody()];
  await register(context, person);
  for (const { email } of [nobody, person]) {
    await visit(page, "/password");
    await fill(page, { email });
    await press(page, "Прислать ссылку");
    await expect(told(page, "Проверьте почту")).toBeVisible();
  }
  // A letter to nobody would have been written first.
  expect((await letterTo(person.email)).subject).toBe("Задайте новый пароль для CRMAP");
  expect(await lettersTo(nobody.email)).toEqual([]);
});
