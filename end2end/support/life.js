// What people do with an application in a portal: find it in the marketplace, install it, remove it.

import { APP } from "./places.js";
import { alive, enter, expect } from "./story.js";

export const WORDS = {
  ru: {
    market: "Маркетплейс",
    install: "Установить",
    remove: "Удалить",
    clean: "удалить настройки и данные приложения",
    absent: "Не установлено",
    heading: "Установка CRMAP",
    finished: "Установка завершена. Приложение сейчас откроется",
    done: "Готово",
    late: "Если приложение не открылось, обновите страницу портала.",
    forAdministrators: "Установить CRMAP может только администратор портала",
    unfinished: "Приложение ещё не установлено до конца",
    steps: [
      "Запомнить портал",
      "Узнавать об удалении приложения",
      "Узнавать об изменениях полей",
      "Добавить кнопку на страницу воронок",
    ],
    legal: ["Лицензионное соглашение", "Политика конфиденциальности", "Безопасность", "Поддержка"],
    tabs: ["Воронки", "Сотрудники"],
  },
  en: {
    market: "Marketplace",
    install: "Install",
    remove: "Remove",
    clean: "remove the application's settings and data",
    absent: "Not installed",
    heading: "Installing CRMAP",
    finished: "The installation is complete. The application is opening",
    done: "Done",
    late: "If the application has not opened, reload the portal page.",
    forAdministrators: "Only a portal administrator can install CRMAP",
    unfinished: "The application is not fully installed yet",
    steps: [
      "Remember the portal",
      "Learn when the application is removed",
      "Learn when fields change",
      "Add a button to the funnels page",
    ],
    legal: ["Licence agreement", "Privacy policy", "Security", "Support"],
    tabs: ["Funnels", "Employees"],
  },
};

const asked = (portal, lang, more) => ({ portal: portal.number, lang, ...more });

// The card of the application in the portal's marketplace.
export async function openMarket(page, portal, lang = "ru", more = {}) {
  const menu = await enter(page, asked(portal, lang, more));
  await menu.getByRole("link", { name: WORDS[lang].market }).click();
  // The card's buttons work once its script has run, which a page that has loaded is past.
  await page.waitForURL(/\/marketplace\//);
  return page.locator("#app-card");
}

// Installs from the marketplace; gives the frame with the installer's page.
export async function beginInstall(page, portal, lang = "ru") {
  const card = await openMarket(page, portal, lang);
  await card.getByRole("button", { name: WORDS[lang].install }).click();
  const frame = page.frameLocator("#app-frame");
  await expect(frame.getByRole("heading", { level: 1 })).toHaveText(WORDS[lang].heading);
  return frame;
}

export const installButton = (frame, lang = "ru") => frame.getByRole("button", { name: WORDS[lang].install });

// The portal opens the application by itself when the installer's page has told it to.
export async function opensByItself(page, frame) {
  await expect(page).toHaveURL(/[?&]install_finished=Y/);
  await alive(frame);
}

export async function install(page, portal, lang = "ru") {
  const frame = await beginInstall(page, portal, lang);
  await installButton(frame, lang).click();
  await opensByItself(page, frame);
  return frame;
}

// Removes the application by the portal's dialog, in a page of its own.
export async function remove(context, portal, { clean, lang = "ru" }) {
  const words = WORDS[lang];
  const page = await context.newPage();
  const card = await openMarket(page, portal, lang);
  await card.getByRole("button", { name: words.remove }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel(words.clean).setChecked(clean);
  await dialog.getByRole("button", { name: words.remove }).click();
  await expect(page.locator("#app-standing")).toContainText(words.absent);
  await expect(page.getByRole("navigation").getByRole("link", { name: "CRMAP" })).toHaveCount(0);
  await page.close();
}

// Lets the portal's page post its opening to another address of ours, with other values in it.
export function bendOpening(page, address, values = {}) {
  return page.addInitScript(
    ([url, values]) => {
      const { submit } = HTMLFormElement.prototype;
      HTMLFormElement.prototype.submit = function () {
        if (this.id === "opening-form") {
          this.action = url + new URL(this.action).search;
          for (const [name, value] of Object.entries(values)) this.elements[name].value = value;
        }
        submit.call(this);
      };
    },
    [APP + address, values],
  );
}

// An employee whose portal lets them in before the installation is finished.
export async function openUnfinished(page, portal, lang = "ru") {
  await portal.perform({ do: "install", user: 1 });
  const { AUTH_ID, REFRESH_ID } = await portal.employeeTokens();
  await bendOpening(page, "/bitrix/app", { AUTH_ID, REFRESH_ID });
  const frame = page.frameLocator("#app-frame");
  // The farewell of the installation before this one may still be on its way through the server.
  await expect(async () => {
    await enter(page, asked(portal, lang, { path: "/marketplace/app/5/" }));
    await expect(frame.getByRole("heading")).toHaveText(WORDS[lang].unfinished, { timeout: 2_000 });
  }).toPass();
  return frame;
}

// Keeps the portal from hearing that the installation is finished.
export const holdFinish = (page) => page.route("**/page/install-finish", () => {});
