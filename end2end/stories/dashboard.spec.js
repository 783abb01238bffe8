// The dashboard and the pages of portals: what is shown, found, written down and read anew.

import {
  awake,
  confirmLink,
  expect,
  fieldOf,
  link,
  pageOf,
  portalsOf,
  settingsIn,
  takePortal,
  test,
  tokenBar,
  tokenOf,
  visit,
} from "../support/cabinet.js";
import { error, everyAnswer } from "../support/cloud.js";
import { install } from "../support/life.js";
import { SIZES } from "../support/pictures.js";
import { pasted, row, rows, search, tab } from "../support/story.js";

const names = (page) => page.locator(".table--portals .portal__name").allTextContents();
const press = (page, name) => page.getByRole("button", { name, exact: true }).click();

test("without portals: three steps, and the token to be copied", async ({ page, context, owner: _ }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await visit(page, "/dashboard");
  await expect(page.getByRole("heading", { name: "Подключите первый портал" })).toBeVisible();
  await expect(page.locator(".step__name")).toHaveText([
    "Добавьте CRMAP в портал",
    "Вставьте токен подключения",
    "Смотрите портал на дашборде",
  ]);
  await expect(page.getByRole("search")).toHaveCount(0);
  const token = await tokenOf(page);
  await press(page.getByRole("main"), "Скопировать токен");
  await expect(page.getByRole("status").filter({ hasText: "Токен скопирован." })).toHaveCount(1);
  expect(await pasted(page)).toBe(token);
});

test("the token is covered until somebody wants to see it", async ({ page, owner: _ }) => {
  await visit(page, "/dashboard");
  const bar = tokenBar(page);
  await expect(bar.locator("code")).toHaveText(/^crmap_•+$/);
  await tokenOf(page);
  await bar.getByRole("button", { name: "Скрыть токен" }).click();
  await expect(bar.locator("code")).toHaveText(/^crmap_•+$/);
  await page.reload();
  await expect(bar.locator("code")).toHaveText(/^crmap_•+$/);
});

test("a portal gets a name, tags, a colour and a note, which stay", async ({ page, beside, token, portal }) => {
  await link(await beside(), portal, token);
  await visit(page, await pageOf(portal));
  const address = await page.getByRole("heading", { level: 1 }).textContent();
  await describePortal(page, {
    label: "ООО «Окна Сибири»",
    tags: "VIP, Сибирь , vip,",
    mark: "Зелёный",
    note: "Договор до марта.\n<b>Звонить Анне</b>",
  });
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("ООО «Окна Сибири»");
  for (const reload of [false, true]) {
    if (reload) await page.reload();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("ООО «Окна Сибири»");
    await expect(page.locator(".portal-head__tags .badge")).toHaveText(["VIP", "Сибирь"]);
    await expect(page.locator(".portal-head__note")).toContainText("<b>Звонить Анне</b>");
    await expect(page.locator(".portal-head .portal__mark--green")).toBeVisible();
  }
  await visit(page, "/dashboard");
  const line = portalsOf(page);
  await expect(line.getByRole("link")).toHaveText("ООО «Окна Сибири»");
  for (const text of [address, "VIP", "Сибирь", "Договор до марта."]) await expect(line).toContainText(text);
  await expect(line.locator(".portal__mark--green")).toBeVisible();

  await line.getByRole("link").click();
  await awake(page);
  await describePortal(page, { label: "", tags: "", mark: "Без цвета", note: "" });
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(address);
  await page.reload();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(address);
  await expect(page.locator(".portal-head .portal__mark")).toHaveCount(0);
});

test("what was typed into a description that is not saved changes nothing", async ({ page, beside, token, portal }) => {
  await link(await beside(), portal, token);
  await visit(page, await pageOf(portal));
  const address = await page.getByRole("heading", { level: 1 }).textContent();
  await press(page, "Название, метки и заметка");
  const dialog = page.getByRole("dialog", { name: "Название, метки и заметка" });
  await fieldOf(dialog, "label").fill("Не то");
  await press(dialog, "Отмена");
  await expect(dialog).toBeHidden();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(address);
  await page.reload();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(address);
});

test("search, filter and order stand in the address and survive a reload", async ({ page, beside, token }) => {
  test.slow();
  const inside = await beside();
  const described = [
    { label: "Бета", tags: "VIP" },
    { label: "Альфа", tags: "Сибирь" },
    { label: "Вега", tags: "VIP, Сибирь" },
  ];
  const portals = [];
  for (const description of described) {
    const portal = takePortal();
    portals.push(portal);
    await link(inside, portal, token);
    await visit(page, await pageOf(portal));
    await describePortal(page, description);
  }
  await portals[1].perform({ do: "delete" });
  await visit(page, await pageOf(portals[1]));
  await press(page, "Обновить");
  await expect(page.getByRole("alert")).toBeVisible({ timeout: 20_000 });

  await visit(page, "/dashboard");
  await expect(page.getByRole("main")).toContainText("Порталов: 3");
  await expect(page.getByRole("main")).toContainText("требуют внимания: 1");
  expect(await names(page)).toEqual(["Альфа", "Бета", "Вега"]);

  const choose = (label, option) => page.getByRole("combobox", { name: label }).selectOption(option);
  // What the page shows is what its address shows whoever opens it.
  const holds = async (query, expected) => {
    await expect.poll(() => names(page)).toEqual(expected);
    await expect.poll(() => decodeURIComponent(new URL(page.url()).search)).toBe(query);
    await page.reload();
    expect(await names(page)).toEqual(expected);
    await awake(page);
    expect(await names(page)).toEqual(expected);
  };
  await search(page).fill("ВЕГ");
  await holds("?q=ВЕГ", ["Вега"]);
  await expect(search(page)).toHaveValue("ВЕГ");
  await search(page).fill("");
  await holds("", ["Альфа", "Бета", "Вега"]);
  await choose("Метка", "VIP");
  await holds("?tag=VIP", ["Бета", "Вега"]);
  await search(page).fill("сибирь");
  await holds("?q=сибирь&tag=VIP", ["Вега"]);
  await search(page).fill("нет такого");
  await expect(page.getByRole("heading", { name: "Таких порталов нет" })).toBeVisible();
  await press(page, "Показать все порталы");
  await holds("", ["Альфа", "Бета", "Вега"]);
  await choose("Порядок", "linked");
  await holds("?sort=linked", ["Вега", "Альфа", "Бета"]);
  await choose("Порядок", "state");
  await holds("?sort=state", ["Альфа", "Бета", "Вега"]);
  const troubled = await page.getByRole("combobox", { name: "Состояние" }).locator("option").allTextContents();
  expect(troubled).toEqual(["Любое", "Работает · 2", "Не отвечает · 1"]);
  await choose("Состояние", "Работает · 2");
  await holds("?state=ok&sort=state", ["Бета", "Вега"]);
  // A portal is found by a part of its address, too, and a link leads to it.
  await visit(page, "/dashboard?q=127.0.0&sort=age");
  expect((await names(page)).length).toBe(3);
  await page.getByRole("link", { name: "Вега" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Вега");
});

test("a filter works before the page is alive", async ({ page, beside, token }) => {
  const inside = await beside();
  for (const label of ["Бета", "Альфа"]) {
    const portal = takePortal();
    await link(inside, portal, token);
    await visit(page, await pageOf(portal));
    await describePortal(page, { label });
  }
  // The module that brings the page to life never comes.
  await page.route("**/*.wasm", () => {});
  await page.goto(new URL("/dashboard", page.url()).href);
  await search(page).fill("бет");
  await search(page).press("Enter");
  await expect(page).toHaveURL(/[?&]q=/);
  await expect.poll(() => names(page)).toEqual(["Бета"]);
});

for (const { state, action, what, cure } of [
  {
    state: "Нужна оплата",
    action: { do: "subscription", active: false },
    what: "Тариф или подписка портала не разрешают приложениям читать данные.",
    cure: "Продлите в портале тариф и подписку на Маркетплейс",
  },
  {
    state: "Доступ закрыт",
    action: { do: "restrict_to", users: [12] },
    what: "Администратор портала закрыл приложение",
    cure: "Попросите администратора открыть доступ",
  },
  {
    state: "Доступ отозван",
    action: { do: "revoke_tokens", user: 1 },
    what: "У CRMAP не осталось ключа доступа, который портал принимает.",
    cure: "Откройте CRMAP в левом меню портала",
  },
  {
    state: "Не отвечает",
    action: { do: "delete" },
    what: "Портал не отвечает или отвечает непонятно.",
    cure: "Откройте портал в браузере.",
  },
]) {
  test(`a portal in trouble says why and what to do: ${state}`, async ({ page, beside, token, portal }) => {
    test.slow();
    await link(await beside(), portal, token);
    await visit(page, await pageOf(portal));
    await expect(page.locator(".portal-head__state")).toHaveText("Работает");
    await portal.perform(action);
    await press(page, "Обновить");
    const alert = page.getByRole("main").getByRole("alert");
    await expect(alert).toBeVisible({ timeout: 30_000 });
    await expect(alert).toContainText("Показаны данные, прочитанные");
    await expect(rows(page)).toHaveCount(6);
    await page.reload();
    await expect(page.locator(".portal-head__state")).toContainText(state);
    await expect(page.locator(".portal-head__state")).toContainText(what);
    await expect(page.locator(".portal-head__state")).toContainText(cure);
    await expect(rows(page)).toHaveCount(6);
    await visit(page, "/dashboard");
    for (const text of [state, what, cure]) await expect(portalsOf(page)).toContainText(text);
    await expect(page.getByRole("main")).toContainText("требуют внимания: 1");
  });
}

test("the portal tells when it is no longer paid for, and a refresh when it is again", async ({ page, beside, token, portal }) => {
  test.slow();
  const inside = await beside();
  await portal.beginAnew();
  await install(inside, portal);
  await link(inside, portal, token);
  await portal.perform({ do: "subscription", active: false });
  await expect(async () => {
    await visit(page, "/dashboard");
    await expect(portalsOf(page).locator(".portal__state")).toContainText("Нужна оплата", { timeout: 500 });
  }).toPass({ timeout: 20_000 });
  await portal.perform({ do: "subscription", active: true });
  await visit(page, await pageOf(portal));
  await press(page, "Обновить");
  await expect(page.getByRole("button", { name: "Обновить" })).toBeEnabled();
  await expect(page.getByRole("main").getByRole("alert")).toHaveCount(0);
  await visit(page, "/dashboard");
  await expect(portalsOf(page).locator(".portal__state")).toHaveText("Работает");
});

test("an application that was removed without its data: the portal stays, says so, and serves nothing until it is linked again", async ({
  page,
  beside,
  token,
  portal,
}) => {
  test.slow();
  const inside = await beside();
  await portal.beginAnew();
  await install(inside, portal);
  await link(inside, portal, token);
  await portal.perform({ do: "uninstall", clean: false });
  await expect.poll(() => portal.deliveries("ONAPPUNINSTALL")).toEqual(["answered 200"]);
  // CRMAP writes a farewell down before it answers, and acts upon it then.
  await expect(async () => {
    await visit(page, "/dashboard");
    await expect(portalsOf(page)).toContainText("Приложение удалено", { timeout: 1_000 });
  }).toPass({ timeout: 30_000 });
  for (const text of ["Приложение удалено", "ключи доступа уничтожены", "установите CRMAP снова"]) {
    await expect(portalsOf(page)).toContainText(text);
  }
  // What was read is not served any more, nor when somebody installs the application anew.
  await visit(page, await pageOf(portal));
  await expect(rows(page)).toHaveCount(0);
  await install(inside, portal);
  await visit(page, "/dashboard");
  await expect(portalsOf(page)).toContainText("связь с кабинетом прекращена");
  await link(inside, portal, token);
  await visit(page, await pageOf(portal));
  await expect(rows(page)).toHaveCount(6);
});

test("«Обновить» reads the portal anew, and what changed there is here", async ({ page, beside, token, portal }) => {
  await link(await beside(), portal, token);
  await visit(page, await pageOf(portal, "?tab=deal-fields"));
  await expect(tab(page, "Пользовательские поля сделок")).toHaveAttribute("aria-selected", "true");
  await expect(row(page, "UF_CRM_1713790573")).not.toContainText("Тип изделия сегодня");
  await portal.perform({ do: "rename_field", id: 131, label: "Тип изделия сегодня" });
  await press(page, "Обновить");
  await expect(page.getByRole("main")).toContainText("Тип изделия сегодня", { timeout: 20_000 });
  await page.reload();
  await expect(page.getByRole("main")).toContainText("Тип изделия сегодня");
  await expect(page).toHaveURL(/\?tab=deal-fields$/);
});

test("the sheet's place stands in the address and survives a reload", async ({ page, beside, token, portal }) => {
  await link(await beside(), portal, token);
  await visit(page, await pageOf(portal));
  await tab(page, "Статусы воронок").click();
  await search(page).fill("C7:WON");
  await expect(rows(page)).toHaveCount(1);
  await expect(page).toHaveURL(/\?tab=stages&q=C7%3AWON$/);
  await page.reload();
  await expect(rows(page)).toHaveCount(1);
  await expect(search(page)).toHaveValue("C7:WON");
});

test("a reading that fails in the middle keeps what was read before", async ({ page, beside, token, portal }) => {
  test.slow();
  await link(await beside(), portal, token);
  await visit(page, await pageOf(portal));
  await portal.suffer(everyAnswer(error(500, "INTERNAL_SERVER_ERROR", "Internal server error")));
  await press(page, "Обновить");
  const alert = page.getByRole("main").getByRole("alert");
  await expect(alert).toContainText("Показаны данные, прочитанные", { timeout: 30_000 });
  await expect(rows(page)).toHaveCount(6);
  await portal.recover();
});

test("the connection: facts, whose rights are used, and the record of requests", async ({
  page,
  beside,
  token,
  portal,
}) => {
  await link(await beside(), portal, token);
  await visit(page, await pageOf(portal));
  const reader = await page.getByText(", администратор портала").textContent();
  await page.getByRole("navigation", { name: "Разделы портала" }).getByRole("link", { name: "Подключение" }).click();
  await expect(page).toHaveURL(/\?view=connection$/);
  await awake(page);
  const facts = page.locator(".facts");
  await expect(facts).toContainText((await pageOf(portal)).split("/").at(-1));
  await expect(facts).toContainText("Только чтение");
  await expect(facts).toContainText("пользователь портала ID 1");
  await expect(facts).toContainText("crm");
  const right = page.getByRole("table", { name: "Чьими правами читается портал" }).locator("tr[data-id]");
  await expect(right).toHaveText([/пользователь портала ID 1.*администратор.*действует/]);

  const record = page.getByRole("table", { name: "Журнал запросов к порталу" });
  const lines = record.locator("tbody tr");
  const readings = lines.locator("td:nth-child(2)").filter({ hasText: /^batch: profile, / });
  // Requests are written down a moment after they were made, and the page asks for them once.
  await expect(async () => {
    await visit(page, await pageOf(portal, "?view=connection"));
    await press(page, "Показать журнал");
    await expect(readings.first()).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 15_000 });
  const batch = lines.filter({ hasText: "batch: " }).first();
  await batch.getByText("Запрос и ответ").click();
  await expect(batch.locator("pre").first()).toBeVisible();
  await expect(batch.locator("pre").last()).toContainText("DEAL_STAGE_3");
  // Neither keys nor people's names are in what is shown.
  const written = await record.textContent();
  const { AUTH_ID, REFRESH_ID } = await portal.employeeTokens();
  for (const secret of [AUTH_ID, REFRESH_ID]) expect(written).not.toContain(secret);
  expect(written).not.toMatch(/"(auth|access_token|refresh_token)"\s*:\s*"[0-9a-z]{16,}/);
  for (const name of reader.split(",")[0].split(" ")) expect(written).not.toContain(name);

  // On a narrow page the words before numbers are those of the sheet's tables, and not of this one.
  await page.setViewportSize(SIZES.narrow);
  const duration = lines.first().locator(".number");
  await expect(duration).toHaveText(/^\d[\d\s]*\sмс$/);
  expect(await duration.evaluate((cell) => getComputedStyle(cell, "::before").content)).toBe("none");
});

test("news of many links: the newest three, the rest in the log", async ({ page, beside, token }) => {
  test.slow();
  const inside = await beside();
  for (let number = 0; number < 6; number += 1) {
    await confirmLink(await settingsIn(inside, takePortal()), token);
  }
  await visit(page, "/dashboard");
  const news = page.getByRole("region", { name: "Новое в подключениях" });
  await expect(news.getByRole("listitem")).toHaveCount(3);
  await expect(news).toContainText("и ещё 3: смотрите журнал действий в профиле");
  await expect(portalsOf(page)).toHaveCount(6);
  await news.getByRole("listitem").first().getByRole("link").click();
  await expect(page).toHaveURL(/\/portals\/[0-9a-f]+$/);
  await visit(page, "/dashboard");
  await press(news, "Понятно");
  await expect(news).toBeHidden();
  await visit(page, "/profile");
  const log = page.getByRole("table", { name: "Журнал действий" });
  await expect(log.locator("tbody tr").filter({ hasText: "подключён" })).toHaveCount(6);
});

async function describePortal(page, { label, tags = "", mark, note = "" }) {
  await press(page, "Название, метки и заметка");
  const dialog = page.getByRole("dialog", { name: "Название, метки и заметка" });
  await fieldOf(dialog, "label").fill(label);
  await fieldOf(dialog, "tags").fill(tags);
  if (mark) await dialog.getByRole("radio", { name: mark }).check({ force: true });
  await dialog.locator("textarea").fill(note);
  await press(dialog, "Сохранить");
  await expect(dialog).toBeHidden();
}
