// The manual of the product, «Процесс запуска ПО» to «Процесс завершения работы ПО», as its reader
// would follow it.

import { readFile } from "node:fs/promises";
import { awake, expect, fieldOf, isRead, masked, pageOf, portalsOf, somebody, takePortal, test } from "../support/cabinet.js";
import { WORDS as LIFE, install, remove } from "../support/life.js";
import { letterTo } from "../support/mailbox.js";
import { APP } from "../support/places.js";
import { ids, rows, tab } from "../support/story.js";

const MANUAL = {
  ru: {
    locale: "ru-RU",
    name: "Анна Соколова",
    tabs: ["Воронки", "Статусы воронок", "Пользовательские поля сделок", "Поля контактов", "Поля компаний", "Сотрудники"],
    fields: ["Имя", "Эл. почта", "Пароль"],
    register: "Зарегистрироваться",
    registered: "Регистрация завершена",
    logIn: "Войти",
    dashboard: "Дашборд",
    search: "Поиск",
    profile: "Профиль",
    help: "Справка",
    first: "Подключите первый портал",
    token: "Токен подключения",
    copy: "Скопировать токен",
    copied: "Токен скопирован",
    settings: "Настройки",
    next: "Продолжить",
    link: "Подключить",
    linked: "Портал подключён к кабинету",
    mail: "Проверьте: к кабинету CRMAP подключён портал",
    news: /Портал 127\.0\.0\.\d+(:\d+)? подключён/,
    seen: "Понятно",
    works: "Работает",
    saveTxt: "Сохранить в TXT файл",
    download: "Скачать",
    date: /^Дата чтения .*\r\n/m,
    account: "Учётные данные",
    erased: "Портал удалил приложение со всеми данными",
    leave: "Выйти",
    leaving: "Выйти из кабинета?",
    left: "Вы вышли из кабинета",
    title: "Вход в личный кабинет",
  },
  en: {
    locale: "en-GB",
    name: "Anna Falcon",
    tabs: ["Funnels", "Funnel stages", "Custom fields of deals", "Contact fields", "Company fields", "Employees"],
    fields: ["Name", "Email", "Password"],
    register: "Register",
    registered: "Registration is complete",
    logIn: "Log in",
    dashboard: "Dashboard",
    search: "Search",
    profile: "Profile",
    help: "Help",
    first: "Link your first portal",
    token: "Connection token",
    copy: "Copy the token",
    copied: "The token is copied",
    settings: "Settings",
    next: "Continue",
    link: "Link",
    linked: "The portal is linked to the cabinet",
    mail: "Check: a portal was linked to your CRMAP cabinet",
    news: /Portal 127\.0\.0\.\d+(:\d+)? was linked/,
    seen: "Got it",
    works: "Working",
    saveTxt: "Save as TXT file",
    download: "Download",
    date: /^Date of reading .*\r\n/m,
    account: "Account details",
    erased: "A portal removed the application with all its data",
    leave: "Log out",
    leaving: "Log out of the cabinet?",
    left: "You have logged out",
    title: "Log in to your cabinet",
  },
};

// How the name of a file ends.
const DAY = /_\d{4}-\d\d-\d\d\.txt$/;

for (const [lang, words] of Object.entries(MANUAL)) {
  test.describe(lang, () => {
    test.use({ locale: words.locale });

    test("the manual from the installation to the end", async ({ page, context, beside, complaints }) => {
      test.setTimeout(120_000);
      // A dashboard without portals asks by itself whether there is one, also while its reader logs out.
      complaints.expect(/status of 401/);
      await context.grantPermissions(["clipboard-read", "clipboard-write"]);
      const person = somebody(words.name);
      const portal = takePortal();
      await portal.beginAnew();
      let app;
      let sheet;
      let text;

      await test.step("1. the application is installed from the marketplace and opens", async () => {
        app = await install(page, portal, lang);
        await expect(page.getByRole("navigation").getByRole("link", { name: "CRMAP" })).toBeVisible();
      });

      await test.step("the application's tabs hold funnels, stages and fields with their IDs", async () => {
        sheet = await sheetOf(app, words.tabs);
        expect(sheet[words.tabs[0]]).toHaveLength(6);
        expect(sheet[words.tabs[1]]).toHaveLength(50);
        expect(sheet[words.tabs[2]]).toContain("UF_CRM_1713790573");
      });

      await test.step("«Сохранить в TXT файл» in the application", async () => {
        const button = app.getByRole("button", { name: words.saveTxt });
        text = await saved(page, button, words.date);
        for (const id of [...sheet[words.tabs[0]], ...sheet[words.tabs[1]]]) expect(text.content).toContain(id);
      });

      const cabinet = await beside();

      await test.step("2.1–2.3. the form of registration", async () => {
        await cabinet.goto(`${APP}/register`);
        await awake(cabinet);
        for (const [label, value] of [
          [words.fields[0], person.name],
          [words.fields[1], person.email],
          [words.fields[2], person.password],
        ]) {
          await cabinet.getByLabel(label, { exact: true }).fill(value);
        }
        await cabinet.getByRole("button", { name: words.register }).click();
        await expect(cabinet).toHaveURL(/\/login\?done=registered$/);
        await expect(cabinet.getByRole("status").filter({ hasText: words.registered })).toBeVisible();
      });

      await test.step("2.4. logging in by the address", async () => {
        await awake(cabinet);
        await cabinet.getByLabel(words.fields[1], { exact: true }).fill(person.email);
        await cabinet.getByLabel(words.fields[2], { exact: true }).fill(person.password);
        await cabinet.getByRole("button", { name: words.logIn }).click();
        await expect(cabinet).toHaveURL(/\/dashboard$/);
        await awake(cabinet);
        await expect(cabinet.getByRole("heading", { name: words.first })).toBeVisible();
        const menu = cabinet.getByRole("navigation");
        await expect(menu.getByRole("link")).toHaveText([words.dashboard, words.search, words.profile, words.help]);
      });

      await test.step("the connection token is copied from the top", async () => {
        const bar = cabinet.getByRole("banner").getByRole("group", { name: words.token });
        await bar.getByRole("button", { name: words.copy }).click();
        await expect(cabinet.getByRole("status").filter({ hasText: words.copied })).toHaveCount(1);
      });

      await test.step("«Настройки» in the portal take the token, and say whose it is", async () => {
        await page.bringToFront();
        await app.getByRole("button", { name: words.settings }).click();
        const dialog = app.getByRole("dialog", { name: words.settings });
        await dialog.getByLabel(words.token).focus();
        await page.keyboard.press("Control+V");
        await dialog.getByRole("button", { name: words.next }).click();
        await expect(dialog).toContainText(person.name);
        await expect(dialog).toContainText(masked(person));
        await expect(dialog).not.toContainText(person.email);
        await dialog.getByRole("button", { name: words.link, exact: true }).click();
        await expect(dialog.locator("#token-verdict")).toHaveText(words.linked, { timeout: 20_000 });
        await expect(dialog.getByRole("listitem")).toHaveCount(1);
        await expect(dialog.getByRole("listitem")).toContainText(person.name);
        const letter = await letterTo(person.email);
        expect(letter.subject).toContain(words.mail);
        await isRead(context, APP + (await pageOf(portal)));
      });

      await test.step("«Дашборд» lists the portal", async () => {
        await cabinet.bringToFront();
        await cabinet.getByRole("link", { name: words.dashboard }).click();
        await awake(cabinet);
        await expect(portalsOf(cabinet)).toHaveCount(1);
        await expect(portalsOf(cabinet)).toContainText("127.0.0.");
        await expect(portalsOf(cabinet)).toContainText(words.works);
        await expect(portalsOf(cabinet).locator(".total b")).toHaveText(["6", "50", "60", "25"]);
        await expect(cabinet.getByRole("listitem").filter({ hasText: words.news })).toBeVisible();
        await cabinet.getByRole("button", { name: words.seen }).click();
        await expect(cabinet.getByRole("listitem").filter({ hasText: words.news })).toBeHidden();
      });

      await test.step("the portal's page has the same tabs with the same rows", async () => {
        await portalsOf(cabinet).getByRole("link").click();
        await expect(cabinet).toHaveURL(/\/portals\/[0-9a-f]+$/);
        await awake(cabinet);
        await expect(cabinet.getByRole("tab")).toHaveText(await app.getByRole("tab").allTextContents());
        expect(await sheetOf(cabinet, words.tabs)).toEqual(sheet);
      });

      await test.step("the TXT file of the cabinet is that of the application", async () => {
        await cabinet.locator("summary", { hasText: words.download }).click();
        const own = await saved(cabinet, cabinet.getByRole("link", { name: words.saveTxt }), words.date);
        // Between the two readings the day may end.
        for (const { name } of [own, text]) expect(name).toMatch(DAY);
        expect(own.name.replace(DAY, "")).toBe(text.name.replace(DAY, ""));
        expect(own.content.split("\r\n")).toEqual(text.content.split("\r\n"));
      });

      await test.step("«Профиль» shows the account's data", async () => {
        await cabinet.getByRole("link", { name: words.profile }).click();
        await expect(cabinet).toHaveURL(/\/profile$/);
        await awake(cabinet);
        const data = cabinet.getByRole("region", { name: words.account });
        await expect(data).toContainText(person.name);
        await expect(data).toContainText(person.email);
        await expect(fieldOf(cabinet, "name")).toHaveValue(person.name);
      });

      await test.step("the end, 1: the application is removed from the portal with its data", async () => {
        await portal.forgetDeliveries();
        await remove(context, portal, { clean: true, lang });
        await expect.poll(() => portal.deliveries("ONAPPUNINSTALL")).toEqual(["answered 200"]);
      });

      await test.step("the cabinet tells of it, and the portal is gone", async () => {
        await cabinet.bringToFront();
        const told = cabinet.getByRole("listitem").filter({ hasText: words.erased });
        await expect(async () => {
          await cabinet.goto(`${APP}/dashboard`);
          await expect(told).toBeVisible({ timeout: 1_000 });
        }).toPass();
        await awake(cabinet);
        await expect(portalsOf(cabinet)).toHaveCount(0);
        await expect(cabinet.getByRole("heading", { name: words.first })).toBeVisible();
      });

      await test.step("the end, 2: the door at the top right, and a confirmation", async () => {
        const door = cabinet.getByRole("banner").getByRole("link", { name: words.leave });
        const { x, width } = await door.boundingBox();
        expect(x + width).toBeGreaterThan(cabinet.viewportSize().width - 100);
        await door.click();
        const question = cabinet.getByRole("dialog", { name: words.leaving });
        await question.getByRole("button", { name: words.leave }).click();
        await expect(cabinet).toHaveURL(/\/login\?done=left$/);
        await expect(cabinet.getByRole("status").filter({ hasText: words.left })).toBeVisible();
        await cabinet.goto(`${APP}/dashboard`);
        await expect(cabinet).toHaveURL(/\/login$/);
        await expect(cabinet.getByRole("heading", { name: words.title })).toBeVisible();
      });
    });
  });
}

// The IDs of all rows, by tabs.
async function sheetOf(frame, names) {
  const sheet = {};
  for (const name of names) {
    await tab(frame, name).first().click();
    await expect(tab(frame, name).first()).toHaveAttribute("aria-selected", "true");
    await expect(rows(frame).first()).toBeVisible();
    sheet[name] = await ids(frame);
  }
  return sheet;
}

// A file that a click saves, without its line of the date.
async function saved(page, button, date) {
  const [download] = await Promise.all([page.waitForEvent("download"), button.click()]);
  const content = await readFile(await download.path(), "utf8");
  expect(content).toMatch(date);
  return { name: download.suggestedFilename(), content: content.replace(date, "") };
}
