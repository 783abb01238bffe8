// Order among many portals: what needs attention, favourites, kept filters, tags of several at once, and
// the reading of several portals with its progress.

import { awake, expect, fieldOf, link, pageOf, portalsOf, takePortal, test, visit } from "../support/cabinet.js";
import { error, everyAnswer, latency } from "../support/cloud.js";
import { gate } from "../support/people.js";
import { SIZES, fitsSideways } from "../support/pictures.js";
import { examineWhole } from "../support/axe.js";
import { search } from "../support/story.js";

const names = (page) => page.locator(".table--portals .portal__name").allTextContents();
const press = (where, name) => where.getByRole("button", { name, exact: true }).click();
const star = (page, name) => page.getByRole("button", { name: `Избранное: ${name}` });
const box = (page, name) => page.getByRole("checkbox", { name: `Выбрать ${name}` });
const bulk = (page) => page.getByRole("form", { name: "Действия с выбранными порталами" });
const panel = (page) => page.locator("#run");

// Portals of these names, linked to the story's cabinet.
async function linked(page, beside, token, labels) {
  const inside = await beside();
  const portals = [];
  for (const label of labels) {
    const portal = takePortal();
    portals.push(portal);
    await link(inside, portal, token);
    await visit(page, await pageOf(portal));
    await press(page, "Название, метки и заметка");
    const dialog = page.getByRole("dialog", { name: "Название, метки и заметка" });
    await fieldOf(dialog, "label").fill(label);
    await press(dialog, "Сохранить");
    await expect(dialog).toBeHidden();
  }
  await inside.close();
  return portals;
}

// What was read within half a minute is not read again, which is what these stories are about.
const outliveReadings = (page) => page.waitForTimeout(31_000);

test("what needs attention stands above the portals, and nothing where all is well", async ({ page, beside, token }) => {
  test.slow();
  const [, unpaid] = await linked(page, beside, token, ["Альфа", "Бета"]);
  await visit(page, "/dashboard");
  const list = page.getByRole("region", { name: /^Требуют внимания/ });
  await expect(list).toHaveCount(0);
  await expect(page.getByRole("main")).toContainText("все работают");

  await unpaid.perform({ do: "subscription", active: false });
  await visit(page, await pageOf(unpaid));
  await press(page, "Обновить");
  await expect(page.getByRole("main").getByRole("alert")).toBeVisible({ timeout: 30_000 });
  await visit(page, "/dashboard");
  await expect(list.getByRole("heading")).toHaveText("Требуют внимания: 1");
  await expect(list.getByRole("listitem")).toContainText("Нужна оплата");
  await expect(list.getByRole("listitem")).toContainText("Продлите в портале тариф");
  await examineWhole(page);

  await page.getByRole("checkbox", { name: /^Требуют внимания/ }).check();
  await expect.poll(() => names(page)).toEqual(["Бета"]);
  await expect(portalsOf(page).getByText("Продлите в портале тариф")).toBeVisible();
  await expect(page).toHaveURL(/\?attention=1$/);
  await page.reload();
  expect(await names(page)).toEqual(["Бета"]);
  await awake(page);
  await page.getByRole("checkbox", { name: /^Требуют внимания/ }).uncheck();
  await expect.poll(() => names(page)).toEqual(["Альфа", "Бета"]);
  // The rows tell it to whoever asks: the list above has told it already.
  const cure = portalsOf(page).getByText("Продлите в портале тариф");
  await expect(cure).toBeHidden();
  await portalsOf(page).getByText("Нужна оплата").click();
  await expect(cure).toBeVisible();
  await list.getByRole("link", { name: "Открыть: Бета" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Бета");
});

test("a star that is turned back before the server has answered stays as it was left", async ({ page, beside, token }) => {
  await linked(page, beside, token, ["Альфа"]);
  await visit(page, "/dashboard");
  const first = gate();
  const told = [];
  let asked = 0;
  await page.route(/\/api\/portal\/favour/, async (route) => {
    asked += 1;
    if (asked === 1) await first.opened;
    await route.continue();
  });
  page.on("response", (answer) => answer.url().includes("/portal/favour") && told.push(answer.status()));
  await star(page, "Альфа").click();
  await expect(star(page, "Альфа")).toHaveAttribute("aria-pressed", "true");
  await star(page, "Альфа").click();
  await expect(star(page, "Альфа")).toHaveAttribute("aria-pressed", "false");
  first.open();
  await expect.poll(() => told).toEqual([200, 200]);
  await page.reload();
  await expect(star(page, "Альфа")).toHaveAttribute("aria-pressed", "false");
});

test("favourites come first or alone, and a kept filter shows them again", async ({
  page,
  beside,
  token,
  complaints,
}) => {
  test.slow();
  // A name of blanks is refused.
  complaints.expect(/status of 422/);
  await linked(page, beside, token, ["Альфа", "Бета", "Вега"]);
  await visit(page, "/dashboard");
  await expect(star(page, "Вега")).toHaveAttribute("aria-pressed", "false");
  await star(page, "Вега").focus();
  await page.keyboard.press("Space");
  await expect(star(page, "Вега")).toHaveAttribute("aria-pressed", "true");
  await page.getByRole("combobox", { name: "Порядок" }).selectOption("favourite");
  await expect.poll(() => names(page)).toEqual(["Вега", "Альфа", "Бета"]);
  // A row that moves takes the focus along.
  await star(page, "Бета").focus();
  await page.keyboard.press("Space");
  await expect.poll(() => names(page)).toEqual(["Бета", "Вега", "Альфа"]);
  await expect(star(page, "Бета")).toBeFocused();
  await page.keyboard.press("Space");
  await expect.poll(() => names(page)).toEqual(["Вега", "Альфа", "Бета"]);
  await expect(star(page, "Бета")).toBeFocused();
  await page.getByRole("checkbox", { name: /^Избранные/ }).check();
  await expect.poll(() => names(page)).toEqual(["Вега"]);

  await press(page, "Сохранить фильтр");
  const saving = page.getByRole("dialog", { name: "Сохранить фильтр" });
  await fieldOf(saving, "filter-name").fill("  ");
  await press(saving, "Сохранить");
  await expect(saving).toContainText("Введите от 1 до 40 знаков");
  await fieldOf(saving, "filter-name").fill("Мои лучшие");
  await press(saving, "Сохранить");
  await expect(saving).toBeHidden();
  const chips = page.getByRole("navigation", { name: "Сохранённые фильтры" });
  await expect(chips.getByRole("link")).toHaveText(["Мои лучшие"]);
  await expect(chips.getByRole("link")).toHaveAttribute("aria-current", "true");

  await visit(page, "/dashboard");
  expect(await names(page)).toEqual(["Альфа", "Бета", "Вега"]);
  await expect(star(page, "Вега")).toHaveAttribute("aria-pressed", "true");
  await chips.getByRole("link", { name: "Мои лучшие" }).click();
  await expect.poll(() => names(page)).toEqual(["Вега"]);
  await expect.poll(() => new URL(page.url()).search).toBe("?favourite=1&sort=favourite");

  await press(page, "Изменить сохранённые фильтры");
  const changing = page.getByRole("dialog", { name: "Изменить сохранённые фильтры" });
  await fieldOf(changing, "name").fill("Избранное");
  await press(changing, "Переименовать");
  await expect(changing).toContainText("Фильтр переименован");
  await press(changing, "Удалить фильтр: Избранное");
  await expect(changing).toBeHidden();
  await page.reload();
  await expect(chips).toBeHidden();
  // Where a row leaves the list, the focus goes to where portals are looked for.
  await awake(page);
  await star(page, "Вега").press("Space");
  await expect(star(page, "Вега")).toHaveCount(0);
  await expect(search(page)).toBeFocused();
});

test("several are picked whatever the filter shows, tagged, compared and downloaded", async ({ page, beside, token }) => {
  test.slow();
  const portals = await linked(page, beside, token, ["Альфа", "Бета", "Вега"]);
  await visit(page, "/dashboard");
  const bar = bulk(page);
  await expect(bar.getByText("Скачать", { exact: true })).toBeHidden();
  await box(page, "Альфа").check();
  await search(page).fill("вега");
  await bar.getByRole("checkbox", { name: /^Выбрать все показанные/ }).check();
  await expect(bar).toContainText("Выбрано: 2, из них не показано: 1");
  const ids = await Promise.all([portals[0], portals[2]].map((portal) => pageOf(portal)));
  const [left, right] = ids.map((path) => path.split("/").at(-1));
  await expect(bar.getByRole("link", { name: "Сравнить" })).toHaveAttribute(
    "href",
    `/compare?left=${left}&right=${right}`,
  );
  const sent = await bar.evaluate((form) => new FormData(form).getAll("portal"));
  expect(sent.toSorted()).toEqual([left, right].toSorted());

  await press(bar, "Изменить метки");
  const dialog = page.getByRole("dialog", { name: "Метки выбранных порталов" });
  await dialog.getByLabel("Добавить метки").fill("VIP, Сибирь");
  await press(dialog, "Сохранить");
  await expect(dialog).toBeHidden();
  await search(page).fill("");
  for (const name of ["Альфа", "Вега"]) {
    await expect(portalsOf(page).filter({ hasText: name }).locator(".badge")).toContainText(["VIP", "Сибирь"]);
    await expect(box(page, name)).toBeChecked();
  }
  await expect(box(page, "Бета")).not.toBeChecked();
  await press(bar, "Изменить метки");
  await dialog.getByLabel("VIP · 2").check();
  await press(dialog, "Сохранить");
  await expect(dialog).toBeHidden();
  await bar.getByText("Избранное", { exact: true }).click();
  await press(bar, "В избранное");
  await expect(bar.getByRole("button", { name: "В избранное" })).toBeHidden();
  await expect(star(page, "Вега")).toHaveAttribute("aria-pressed", "true");
  await page.reload();
  await awake(page);
  await expect(page.locator(".portal__tags .badge")).toHaveText(["Сибирь", "Сибирь"]);
  await expect(star(page, "Альфа")).toHaveAttribute("aria-pressed", "true");
  await page.getByRole("combobox", { name: "Метка" }).selectOption("Сибирь");
  await expect.poll(() => names(page)).toEqual(["Альфа", "Вега"]);

  await page.setViewportSize(SIZES.narrow);
  await box(page, "Вега").check();
  await expect(bar.getByText("Скачать", { exact: true })).toBeVisible();
  await fitsSideways(page, page);
  await examineWhole(page);
});

test("boxes and their form work before the page is alive", async ({ page, beside, token }) => {
  test.slow();
  await linked(page, beside, token, ["Альфа", "Бета"]);
  await page.route("**/*.wasm", () => {});
  await page.goto(new URL("/dashboard", page.url()).href);
  await box(page, "Бета").check();
  await bulk(page).getByText("Скачать", { exact: true }).click();
  const sent = page.waitForRequest((request) => request.url().endsWith("/portals/export"));
  await press(bulk(page), "JSON, архив");
  expect((await sent).postData()).toMatch(/^portal=[0-9a-f]{32}&format=json$|^format=json&portal=[0-9a-f]{32}$/);
});

test("all portals are read again: progress, failures with their cure, a reload in the middle", async ({
  page,
  beside,
  token,
}) => {
  test.setTimeout(240_000);
  const portals = await linked(page, beside, token, ["Альфа", "Бета", "Вега"]);
  await outliveReadings(page);
  await portals[0].perform({ do: "rename_field", id: 131, label: "Тип изделия сегодня" });
  await portals[1].suffer(everyAnswer(error(500, "INTERNAL_SERVER_ERROR", "Internal server error")));
  await portals[2].suffer(latency(4000));
  await visit(page, "/dashboard");
  await box(page, "Альфа").check();
  await search(page).fill("а");
  await expect(page).toHaveURL(/[?&]q=/);
  await press(page, "Обновить все");
  await expect(panel(page).getByRole("heading")).toHaveText("Читаем порталы");
  await expect(panel(page)).toContainText(/Прочитано \d из 3/);
  await expect(panel(page).getByRole("progressbar")).toBeVisible();
  await page.reload();
  await awake(page);
  await expect(panel(page)).toContainText(/Прочитано \d из 3/);
  await box(page, "Альфа").check();

  await expect(panel(page).getByRole("heading")).toHaveText("Чтение порталов закончено", { timeout: 90_000 });
  await expect(panel(page)).toContainText("Прочитано 2 из 3, не удалось: 1");
  await panel(page).getByText("Не прочитаны: 1").click();
  await expect(panel(page).getByRole("listitem")).toContainText("Бета");
  await expect(panel(page).getByRole("listitem")).toContainText("Повторите через несколько минут");
  // What was looked for and picked is as it was, and the portals are as they are by now.
  await expect(search(page)).toHaveValue("а");
  await expect(box(page, "Альфа")).toBeChecked();
  await expect(portalsOf(page).filter({ hasText: "Альфа" })).toContainText("только что");
  await expect(page.getByRole("region", { name: /^Требуют внимания/ })).toContainText("Бета");
  await examineWhole(page);

  await portals[1].recover();
  await portals[2].recover();
  await page.waitForTimeout(11_000);
  await press(panel(page), "Повторить неудачные");
  await expect(panel(page)).toContainText("Прочитано 1 из 1", { timeout: 90_000 });
  // It stays until it is put away.
  await page.reload();
  await awake(page);
  await expect(panel(page)).toContainText("Прочитано 1 из 1");
  await press(panel(page), "Понятно");
  await expect(panel(page)).toBeHidden();
  await page.reload();
  await expect(panel(page)).toBeHidden();
});

test("a reading is stopped, and goes on by itself no more", async ({ page, beside, token }) => {
  test.setTimeout(240_000);
  const portals = await linked(page, beside, token, ["Альфа", "Бета"]);
  await outliveReadings(page);
  for (const portal of portals) await portal.suffer(latency(4000));
  await visit(page, "/dashboard");
  await bulk(page).getByRole("checkbox", { name: /^Выбрать все показанные/ }).check();
  await press(bulk(page), "Обновить");
  await expect(panel(page).getByRole("heading")).toHaveText("Читаем порталы");
  await press(panel(page), "Остановить");
  // What is being read comes to its end.
  await expect(panel(page).getByRole("heading")).toHaveText("Чтение порталов закончено", { timeout: 90_000 });
  await press(panel(page), "Понятно");
  await expect(panel(page)).toBeHidden();
  for (const portal of portals) await portal.recover();
  expect(await names(page)).toEqual(["Альфа", "Бета"]);
});
