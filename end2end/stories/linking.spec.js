// Linking portals to cabinets and ending links, from both sides; and that nobody sees what is not theirs.

import {
  awake,
  confirmLink,
  expect,
  link,
  masked,
  pageOf,
  portalsOf,
  present,
  settingsIn,
  settle,
  somebody,
  takePortal,
  test,
  tokenBar,
  tokenOf,
  verdict,
  visit,
} from "../support/cabinet.js";
import { letterTo } from "../support/mailbox.js";
import { gate, press } from "../support/people.js";
import { APP } from "../support/places.js";
import { frameOf } from "../support/story.js";

const NO_PORTALS = "Подключите первый портал";
const NO_CABINETS = "Портал пока не подключён ни к одному кабинету.";
const UNKNOWN = "Кабинета с таким токеном нет.";

const FILES = ["txt", "json", "csv", "xlsx"].map((form) => `/specification.${form}`);

// Well formed, and nobody's.
const STRANGE = "crmap_000000000000000000000000000000_";

test("an employee reads who can link, and has no field for a token", async ({ page, portal }) => {
  const dialog = await settingsIn(page, portal, { user: "employee" });
  await expect(dialog).toContainText("Подключать портал к кабинету может только администратор портала.");
  await expect(dialog.getByRole("textbox")).toHaveCount(0);
  await expect(dialog.getByRole("button", { name: "Продолжить" })).toHaveCount(0);
});

test("who was an administrator when the page was written and is none any more cannot link", async ({
  page,
  token,
  beside,
  portal,
  complaints,
}) => {
  complaints.expect(/status of 403/);
  const inside = await beside();
  const dialog = await settingsIn(inside, portal);
  await expect(dialog).toContainText(NO_CABINETS);
  await portal.perform({ do: "set_admin", user: 1, admin: false });
  await present(dialog, token);
  await expect(verdict(dialog)).toContainText("может только администратор портала");
  await visit(page, "/dashboard");
  await expect(page.getByRole("heading", { name: NO_PORTALS })).toBeVisible();
});

test("a token can be sent and a portal linked before the list of its cabinets has come", async ({
  beside,
  owner,
  token,
  portal,
}) => {
  const inside = await beside();
  const list = gate();
  let asked = 0;
  await inside.route(/\/api\/cabinets/, async (route) => {
    asked += 1;
    if (asked > 1) return route.continue();
    // What the portal had before it was linked.
    const answer = await route.fetch();
    await list.opened;
    return route.fulfill({ response: answer });
  });
  const dialog = await settingsIn(inside, portal);
  await dialog.getByLabel("Токен подключения").fill(token);
  await inside.keyboard.press("Enter");
  await expect(dialog).toContainText(owner.name);
  await dialog.getByRole("button", { name: "Подключить" }).click();
  await expect(verdict(dialog)).toHaveText("Портал подключён к кабинету", { timeout: 20_000 });
  const cabinet = dialog.locator(".links__row");
  await expect(cabinet).toHaveCount(1);
  const late = inside.waitForResponse(/\/api\/cabinets/);
  list.open();
  await (await late).finished();
  await hasDrawn(await frameOf(inside));
  await expect(cabinet).toHaveCount(1);
});

test("every mistake in a token has its sentence, and the page keeps what was typed", async ({
  page,
  owner,
  token,
  beside,
  portal,
  complaints,
}) => {
  complaints.expect(/status of 404/);
  const dialog = await settingsIn(await beside(), portal);
  const field = dialog.getByLabel("Токен подключения");
  const other = (character) => (character === "a" ? "b" : "a");
  const typo = token.slice(0, 10) + other(token[10]) + token.slice(11);
  for (const [typed, sentence] of [
    ["", "Вставьте токен подключения из верхнего меню кабинета."],
    [owner.email, "Это не токен подключения: он начинается с crmap_."],
    [token.slice(0, -1), "Токен скопирован не целиком."],
    [`${token}0`, "Токен скопирован не целиком."],
    [`${token.slice(0, 12)}-${token.slice(13)}`, "В токене есть лишний знак."],
    [typo, "В токене опечатка."],
    [STRANGE + checksumOf(STRANGE), UNKNOWN],
  ]) {
    await present(dialog, typed);
    await expect(verdict(dialog)).toContainText(sentence);
    await expect(field).toHaveValue(typed);
    await expect(field).toHaveAttribute("aria-invalid", "true");
  }

  // White space around it is forgiven, as it comes with copying.
  await present(dialog, `  ${token} `);
  await expect(dialog).toContainText(masked(owner));
  await press(dialog, "Отмена");
  await expect(dialog).toContainText(NO_CABINETS);
});

test("whose cabinet it is shows before anything is linked, its address masked", async ({
  page,
  owner,
  token,
  beside,
  portal,
}) => {
  const inside = await beside();
  const dialog = await settingsIn(inside, portal);
  await present(dialog, token);
  await expect(dialog).toContainText("Портал увидит владелец этого кабинета:");
  await expect(dialog.locator(".link-owner")).toHaveText(`${owner.name}${masked(owner)}`);
  await expect(dialog.getByRole("button", { name: "Подключить" })).toBeFocused();
  await expect(dialog.getByLabel("Читать воронки")).toBeChecked();
  expect(await inside.content()).not.toContain(owner.email);
  await visit(page, "/dashboard");
  await expect(portalsOf(page)).toHaveCount(0);
});

test("what the owner may do is chosen, shown, and can be changed by linking again", async ({
  page,
  beside,
  portal,
  owner,
  token,
}) => {
  const dialog = await link(await beside(), portal, token, { write: true });
  await expect(dialog.getByRole("listitem")).toContainText("чтение и изменение");
  expect((await letterTo(owner.email)).text).toContain("Доступ: чтение и изменение.");
  await visit(page, await pageOf(portal, "?view=connection"));
  const level = page.getByRole("region", { name: "Подключение", exact: true }).locator(".facts__row", { hasText: "Уровень доступа" });
  await expect(level).toContainText("Чтение и изменение");

  await present(dialog, token);
  await expect(dialog).toContainText("Портал уже подключён к этому кабинету.");
  await expect(dialog.getByLabel("Читать и изменять")).toBeChecked();
  await dialog.getByLabel("Читать воронки").check();
  await press(dialog, "Подключить");
  await expect(dialog.getByRole("listitem")).toContainText("только чтение");
  await expect(dialog.getByRole("listitem")).toHaveCount(1);
  await page.reload();
  await expect(level).toContainText("Только чтение");
});

test("several cabinets at one portal: the portal sees all, each cabinet itself alone", async ({
  page,
  owner,
  token,
  beside,
  another,
  portal,
}) => {
  const otherBrowser = await another();
  const other = await settle(otherBrowser, somebody("Борис Орлов"));
  const otherPage = await beside(otherBrowser);
  const inside = await beside();
  const dialog = await link(inside, portal, token);
  await confirmLink(dialog, await tokenOf(otherPage));
  await expect(dialog.getByRole("listitem")).toHaveCount(2);
  for (const { name } of [owner, other]) await expect(dialog.getByRole("listitem").filter({ hasText: name })).toHaveCount(1);

  for (const [shown, self, stranger] of [
    [page, owner, other],
    [otherPage, other, owner],
  ]) {
    for (const path of ["/dashboard", await pageOf(portal), await pageOf(portal, "?view=connection"), "/profile"]) {
      const answer = await shown.goto(APP + path);
      expect(answer.status(), path).toBe(200);
      await awake(shown);
      const written = await shown.content();
      expect(written, `${self.name} at ${path}`).not.toContain(stranger.name);
      expect(written, `${self.name} at ${path}`).not.toContain(stranger.email);
    }
  }

  await otherPage.goto(APP + (await pageOf(portal, "?view=connection")));
  await awake(otherPage);
  await unlinkHere(otherPage);
  await visit(page, "/dashboard");
  await expect(portalsOf(page)).toHaveCount(1);
});

test("a link that ends in the portal: gone at the next look, told there and by mail", async ({
  page,
  owner,
  token,
  beside,
  portal,
}) => {
  const dialog = await link(await beside(), portal, token);
  expect((await letterTo(owner.email)).subject).toBe("Проверьте: к кабинету CRMAP подключён портал");
  await visit(page, "/dashboard");
  await expect(portalsOf(page)).toHaveCount(1);

  const row = dialog.getByRole("listitem");
  await press(row, "Отключить");
  await expect(row.getByRole("alert")).toContainText("Отключить этот кабинет?");
  await press(row, "Отмена");
  await expect(row.getByRole("alert")).toHaveCount(0);
  await press(row, "Отключить");
  await press(row, "Отключить");
  await expect(verdict(dialog)).toHaveText("Кабинет отключён");
  await expect(dialog).toContainText(NO_CABINETS);

  await visit(page, "/dashboard");
  await expect(portalsOf(page)).toHaveCount(0);
  const news = page.getByRole("region", { name: "Новое в подключениях" });
  await expect(news.getByRole("listitem").first()).toContainText(/отключили в самом портале, пользователь портала ID 1/);
  const letter = await letterTo(owner.email);
  expect(letter.subject).toBe("Проверьте: портал отключён от кабинета CRMAP");
  expect(letter.text).toContain("отключил портал от вашего кабинета");
  await press(news, "Понятно");
  await expect(news).toBeHidden();
  await page.reload();
  await expect(news).toBeHidden();
  await visit(page, "/profile");
  await expect(page.getByRole("table", { name: "Журнал действий" })).toContainText("отключили в самом портале");
});

test("a link that ends in the cabinet: after a question, and the portal knows", async ({
  page,
  owner,
  token,
  beside,
  portal,
  complaints,
}) => {
  complaints.expect(/status of 404/);
  const inside = await beside();
  await link(inside, portal, token);
  const path = await pageOf(portal);
  await visit(page, `${path}?view=connection`);
  const question = await asked(page, "Отключить портал", "Отключить портал?");
  await expect(question).toContainText("127.0.0.");
  await press(question, "Отмена");
  await expect(question).toBeHidden();
  await unlinkHere(page);
  await expect(page.getByRole("heading", { name: NO_PORTALS })).toBeVisible();
  expect((await page.goto(APP + path)).status()).toBe(404);
  await letterTo(owner.email);
  expect((await letterTo(owner.email)).text).toContain("отключили в вашем кабинете");

  const dialog = await settingsIn(inside, portal);
  await expect(dialog).toContainText(NO_CABINETS);
});

test("a token that was replaced is refused, the new one links, and old links stay", async ({
  page,
  token,
  beside,
  portal,
  complaints,
}) => {
  complaints.expect(/status of 404/);
  const inside = await beside();
  await link(inside, portal, token);

  const ask = () => asked(page, "Заменить токен", "Заменить токен подключения?");
  const question = await ask();
  await expect(question).toContainText("Прежний токен перестанет действовать сразу.");
  await press(question, "Отмена");
  expect(await tokenOf(page)).toBe(token);
  await press(await ask(), "Заменить токен");
  await expect(question).toBeHidden();
  await expect(tokenBar(page).locator("code")).not.toHaveText(token);
  const fresh = await tokenOf(page);

  const second = takePortal();
  const dialog = await settingsIn(inside, second);
  await present(dialog, token);
  await expect(verdict(dialog)).toContainText(UNKNOWN);
  await confirmLink(dialog, fresh);
  await visit(page, "/dashboard");
  await expect(portalsOf(page)).toHaveCount(2);
  expect(await tokenOf(page)).toBe(fresh);
});

test("two cabinets and three portals: what is not linked is not there, by any address", async ({
  page,
  token,
  beside,
  another,
  complaints,
}) => {
  test.slow();
  complaints.expect(/status of 404/);
  const otherBrowser = await another();
  await settle(otherBrowser, somebody("Борис Орлов"));
  const otherPage = await beside(otherBrowser);
  const inside = await beside();
  const [mine, both, theirs] = [takePortal(), takePortal(), takePortal()];
  const otherToken = await tokenOf(otherPage);
  await link(inside, mine, token);
  await confirmLink(await link(inside, both, token), otherToken);
  await link(inside, theirs, otherToken, { reader: otherBrowser });

  const idOf = async (portal) => (await pageOf(portal)).split("/").at(-1);
  for (const [shown, seen, hidden] of [
    [page, [mine, both], theirs],
    [otherPage, [both, theirs], mine],
  ]) {
    await visit(shown, "/dashboard");
    const expected = await Promise.all(seen.map(idOf));
    const listed = await portalsOf(shown).evaluateAll((rows) => rows.map((row) => row.dataset.id));
    expect(listed.sort()).toEqual(expected.sort());
    expect(await shown.content()).not.toContain(await idOf(hidden));

    for (const portal of seen) {
      for (const file of FILES) {
        expect((await shown.request.get(APP + (await pageOf(portal, file)))).status()).toBe(200);
      }
    }
    for (const rest of ["", "?view=connection", "?tab=users"]) {
      const answer = await shown.goto(APP + (await pageOf(hidden, rest)));
      expect(answer.status()).toBe(404);
      await expect(shown.getByRole("heading", { name: "Такой страницы нет" })).toBeVisible();
      await expect(shown.getByRole("main")).not.toContainText("127.0.0.");
    }
    for (const file of FILES) {
      const answer = await shown.request.get(APP + (await pageOf(hidden, file)));
      expect(answer.status()).toBe(404);
      expect(answer.headers()["content-disposition"]).toBeUndefined();
      const told = await answer.text();
      expect(told).toContain("Такой страницы нет");
      expect(told).not.toContain("127.0.0.");
    }
    // A portal that is not linked and one that there never was look the same.
    const never = "0123456789abcdef0123456789abcdef";
    const [one, other] = await Promise.all([
      shown.request.get(APP + (await pageOf(hidden))),
      shown.request.get(`${APP}/portals/${never}`),
    ]);
    expect(other.status()).toBe(one.status());
  }
});

test("without a session no page of a portal is there", async ({ page, token, beside, another, portal }) => {
  await link(await beside(), portal, token);
  const stranger = await beside(await another());
  for (const path of ["/dashboard", "/profile", "/logout", await pageOf(portal), await pageOf(portal, "/specification.txt")]) {
    await stranger.goto(APP + path);
    await expect(stranger).toHaveURL(/\/login$/);
  }
});

// What the frame has learnt by now has been drawn when the second picture after it begins.
const hasDrawn = (frame) =>
  frame.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));

// The question that comes of a button.
async function asked(page, button, title) {
  await press(page, button);
  return page.getByRole("dialog", { name: title });
}

async function unlinkHere(page) {
  await press(await asked(page, "Отключить портал", "Отключить портал?"), "Отключить портал");
  await expect(page).toHaveURL(/\/dashboard$/);
  await awake(page);
}

// CRC-32 of the random part, in base 62: what makes a made-up token well formed.
function checksumOf(token) {
  const symbols = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  let crc = 0xffffffff;
  for (const byte of Buffer.from(token.slice("crmap_".length, -1))) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  let rest = (crc ^ 0xffffffff) >>> 0;
  let checksum = "";
  for (let place = 0; place < 6; place += 1) {
    checksum = symbols[rest % 62] + checksum;
    rest = Math.floor(rest / 62);
  }
  return checksum;
}
