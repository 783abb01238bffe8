// The cabinet by the keyboard alone, for axe, and for people to look at: every page wide and narrow,
// light and dark.

import { examineWhole } from "../support/axe.js";
import {
  awake,
  expect,
  fieldOf,
  isRead,
  link,
  pageOf,
  portalsOf,
  somebody,
  takePortal,
  test,
  visit,
} from "../support/cabinet.js";
import { SIZES, fitsSideways, picture, wholePicture } from "../support/pictures.js";
import { APP } from "../support/places.js";
import { alive, enter, rows, search, tab } from "../support/story.js";

// --- by the keyboard alone ------------------------------------------------------------------------

test("the whole way by the keyboard alone, from the registration to the door", async ({ page, context, beside }) => {
  test.slow();
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const person = somebody();
  const portal = takePortal();
  const keys = page.keyboard;

  await test.step("registration: the first field is at hand, Enter sends", async () => {
    await visit(page, "/register");
    await expect(fieldOf(page, "name")).toBeFocused();
    await keys.type(person.name);
    await keys.press("Tab");
    await keys.type(person.email);
    await keys.press("Tab");
    await keys.type(person.password);
    await keys.press("Enter");
    await expect(page).toHaveURL(/done=registered$/);
  });

  await test.step("logging in", async () => {
    await awake(page);
    await expect(fieldOf(page, "email")).toBeFocused();
    await keys.type(person.email);
    await keys.press("Tab");
    await keys.type(person.password);
    await keys.press("Enter");
    await expect(page).toHaveURL(/\/dashboard$/);
    await awake(page);
  });

  await test.step("the first Tab offers to skip to the content", async () => {
    await keys.press("Tab");
    const skip = page.getByRole("link", { name: "К содержанию" });
    await expect(skip).toBeFocused();
    await expect(skip).toBeInViewport();
    await keys.press("Enter");
    await keys.press("Tab");
    await expect(page.getByRole("main").getByRole("button", { name: "Скопировать токен" })).toBeFocused();
    await keys.press("Enter");
    await expect(page.getByRole("status").filter({ hasText: "Токен скопирован." })).toHaveCount(1);
  });

  await test.step("«Настройки» in the portal: open, paste, confirm, close", async () => {
    const inside = await beside();
    await enter(inside, { portal: portal.number });
    await reach(inside, inside.getByRole("link", { name: "CRMAP", exact: true }));
    await inside.keyboard.press("Enter");
    const app = inside.frameLocator("#app-frame");
    await alive(app);
    const settings = app.getByRole("button", { name: "Настройки" });
    await reach(inside, settings, 60);
    await inside.keyboard.press("Enter");
    const dialog = app.getByRole("dialog", { name: "Настройки" });
    await reach(inside, dialog.getByLabel("Токен подключения"));
    await inside.keyboard.press("Control+V");
    await inside.keyboard.press("Enter");
    await expect(dialog).toContainText(person.name);
    await expect(dialog.getByRole("button", { name: "Подключить" })).toBeFocused();
    await inside.keyboard.press("Enter");
    await expect(dialog.locator("#token-verdict")).toHaveText("Портал подключён к кабинету", { timeout: 20_000 });
    await inside.keyboard.press("Escape");
    await expect(dialog).toBeHidden();
    await expect(settings).toBeFocused();
    await isRead(page.context(), APP + (await pageOf(portal)));
    await inside.close();
  });

  await test.step("news and the portal on the dashboard", async () => {
    await reach(page, page.getByRole("link", { name: "Дашборд" }));
    await keys.press("Enter");
    await expect(portalsOf(page)).toHaveCount(1);
    await awake(page);
    await reach(page, page.getByRole("button", { name: "Понятно" }));
    await keys.press("Space");
    await expect(page.getByRole("region", { name: "Новое в подключениях" })).toBeHidden();
    // The button is gone; the focus is not.
    await expect(page.locator("#room")).toBeFocused();
    await reach(page, portalsOf(page).getByRole("link"), 60);
    await keys.press("Enter");
    await expect(page).toHaveURL(/\/portals\//);
    await awake(page);
  });

  await test.step("a portal's description: Escape gives the focus back, Enter saves", async () => {
    const pencil = page.getByRole("button", { name: "Название, метки и заметка" });
    await reach(page, pencil);
    await keys.press("Enter");
    const dialog = page.getByRole("dialog", { name: "Название, метки и заметка" });
    await expect(dialog).toBeVisible();
    await keys.press("Escape");
    await expect(dialog).toBeHidden();
    await expect(pencil).toBeFocused();
    await keys.press("Space");
    await reach(page, fieldOf(dialog, "label"));
    await keys.type("Окна Сибири");
    await reach(page, dialog.getByRole("radio", { name: "Без цвета" }));
    await keys.press("ArrowRight");
    await expect(dialog.getByRole("radio", { name: "Красный" })).toBeChecked();
    await reach(page, dialog.getByRole("button", { name: "Сохранить" }));
    await keys.press("Enter");
    await expect(dialog).toBeHidden();
    await expect(pencil).toBeFocused();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Окна Сибири");
  });

  await test.step("the sheet: arrows between tabs, a slash for the search", async () => {
    await reach(page, tab(page, "Воронки").first());
    await keys.press("ArrowRight");
    await expect(tab(page, "Статусы воронок")).toBeFocused();
    await expect(rows(page)).toHaveCount(50);
    await keys.press("/");
    await expect(search(page)).toBeFocused();
    await keys.type("C7:WON");
    await expect(rows(page)).toHaveCount(1);
  });

  await test.step("the token's question gives the focus back", async () => {
    const renew = page.locator("#token-renew");
    await reach(page, renew, 80);
    await keys.press("Enter");
    const question = page.getByRole("dialog", { name: "Заменить токен подключения?" });
    await expect(question).toBeVisible();
    await staysInside(page, question);
    await keys.press("Escape");
    await expect(question).toBeHidden();
    await expect(renew).toBeFocused();
  });

  await test.step("a menu opens by Enter, closes by Escape, chooses by Enter", async () => {
    const theme = page.locator('summary[aria-label="Тема"]');
    await reach(page, theme);
    await keys.press("Enter");
    const dark = page.getByRole("button", { name: "Тёмная" });
    await expect(dark).toBeVisible();
    await keys.press("Escape");
    await expect(dark).toBeHidden();
    await expect(theme).toBeFocused();
    await keys.press("Space");
    await reach(page, dark);
    const before = await inkOf(page);
    await Promise.all([page.waitForEvent("load"), keys.press("Enter")]);
    expect(await inkOf(page)).not.toBe(before);
    await awake(page);
  });

  await test.step("the door", async () => {
    const door = page.getByRole("link", { name: "Выйти" });
    await reach(page, door);
    await keys.press("Enter");
    const question = page.getByRole("dialog", { name: "Выйти из кабинета?" });
    await expect(question).toBeVisible();
    await keys.press("Escape");
    await expect(question).toBeHidden();
    await expect(door).toBeFocused();
    await keys.press("Enter");
    await reach(page, question.getByRole("button", { name: "Выйти" }));
    await keys.press("Enter");
    await expect(page).toHaveURL(/done=left$/);
  });
});

const inkOf = (page) => page.evaluate(() => getComputedStyle(document.body).color);

const isFocused = (locator) => locator.evaluate((element) => element === document.activeElement);

// Presses Tab until the element has the focus, which has to show.
async function reach(page, locator, most = 40) {
  await expect(locator).toBeVisible();
  for (let steps = 0; steps < most && !(await isFocused(locator)); steps += 1) await page.keyboard.press("Tab");
  await expect(locator).toBeFocused();
  expect(await locator.evaluate(showsFocus), `the focus shows on ${locator}`).toBe(true);
}

// A ring or a shadow around the element, or around what stands for it.
function showsFocus(element) {
  const near = [element, element.nextElementSibling, element.parentElement, element.closest("label, .search, .field__box")];
  return near.filter(Boolean).some((one) => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one);
    return (outlineStyle !== "none" && parseFloat(outlineWidth) > 0) || boxShadow !== "none";
  });
}

// The focus goes round inside a dialog, or to the browser itself.
async function staysInside(page, dialog) {
  for (let steps = 0; steps < 8; steps += 1) {
    await page.keyboard.press("Tab");
    const outside = await dialog.evaluate(
      (element) => document.activeElement !== document.body && !element.contains(document.activeElement),
    );
    expect(outside).toBe(false);
  }
}

// --- every page -----------------------------------------------------------------------------------

const LOOKS = [
  ["wide", "light", "ru"],
  ["wide", "dark", "ru"],
  ["narrow", "light", "ru"],
  ["narrow", "dark", "ru"],
  ["narrow", "light", "en"],
];

for (const [size, colorScheme, lang] of LOOKS) {
  test.describe(`${size}, ${colorScheme}, ${lang}`, () => {
    test.use({ viewport: SIZES[size], colorScheme, locale: lang === "ru" ? "ru-RU" : "en-GB" });

    const look = async (page, name) => {
      await test.step(name, async () => {
        await wholePicture(page, `cabinet-${name}`, size, colorScheme, lang);
        await fitsSideways(page, page);
        await examineWhole(page);
      });
    };
    // A dialog is looked at in the window as it is.
    const lookAtDialog = async (page, name) => {
      await test.step(name, async () => {
        const dialog = page.locator("dialog[open]");
        await expect(dialog).toBeVisible();
        await picture(page, `cabinet-${name}`, size, colorScheme, lang);
        const { x, width } = await dialog.boundingBox();
        expect.soft(x, `${name}: within the window`).toBeGreaterThanOrEqual(0);
        expect.soft(x + width, `${name}: within the window`).toBeLessThanOrEqual(SIZES[size].width);
        await fitsSideways(page, page);
        await examineWhole(page);
      });
      await page.keyboard.press("Escape");
    };

    test("pages before the door", async ({ page, complaints }) => {
      test.slow();
      complaints.expect(/status of (403|422)/);
      const send = () => page.locator("form.fields button[type=submit]").click();
      await visit(page, "/register");
      await look(page, "register");
      await fieldOf(page, "name").fill("Анна");
      await fieldOf(page, "email").fill("anna@example.ru");
      await fieldOf(page, "password").fill("qwerty123");
      await send();
      await expect(page.locator("#password-flaw")).not.toBeEmpty();
      await expect(page.locator(".meter")).toHaveAttribute("data-score", /./);
      await look(page, "register-flaw");
      await page.goto(`${APP}/login?done=registered`);
      await awake(page);
      await look(page, "login-done");
      await fieldOf(page, "email").fill("anna@example.ru");
      await fieldOf(page, "password").fill("не тот пароль");
      await send();
      await expect(page.getByRole("alert").filter({ hasText: /\S/ })).toBeVisible();
      await look(page, "login-refused");
      await visit(page, "/password");
      await look(page, "password");
      await fieldOf(page, "email").fill(somebody().email);
      await send();
      await expect(page.locator("form.fields")).toHaveCount(0);
      await look(page, "password-asked");
      await visit(page, "/password/new");
      await look(page, "password-new");
      for (const [place, name] of ["menu-language", "menu-theme"].entries()) {
        await page.locator("details.menu summary").nth(place).click();
        await look(page, name);
      }
    });

    test("rooms behind it", async ({ page, beside, token, complaints }) => {
      test.setTimeout(180_000);
      complaints.expect(/status of 404/);
      await visit(page, "/dashboard");
      await look(page, "dashboard-empty");

      const inside = await beside();
      const portals = [takePortal(), takePortal()];
      for (const portal of portals) await link(inside, portal, token);
      await inside.close();
      await visit(page, await pageOf(portals[0]));
      await describePortal(page);
      await portals[1].perform({ do: "subscription", active: false });
      await visit(page, await pageOf(portals[1]));
      await page.locator(".head__actions button").click();
      await expect(page.getByRole("main").getByRole("alert")).toBeVisible({ timeout: 20_000 });
      await look(page, "portal-trouble");

      await visit(page, "/dashboard");
      await expect(portalsOf(page)).toHaveCount(2);
      await look(page, "dashboard");
      await search(page).fill("нет такого");
      await look(page, "dashboard-none");
      await visit(page, "/dashboard");
      await page.locator("#token-renew").click();
      await lookAtDialog(page, "renew");
      await page.locator(".top__door").click();
      await lookAtDialog(page, "leave");

      for (const slug of ["funnels", "stages", "deal-fields", "users"]) {
        await visit(page, await pageOf(portals[0], `?tab=${slug}`));
        await look(page, `portal-${slug}`);
      }
      await page.locator("#describe").click();
      await lookAtDialog(page, "describe");
      await visit(page, await pageOf(portals[0], "?view=connection"));
      await page.locator("section", { has: page.locator("#requests-title") }).getByRole("button").click();
      await expect(page.locator(".table--requests tbody tr").first()).toBeVisible();
      await page.locator(".bodies summary").first().click();
      await look(page, "portal-connection");
      await page.locator(".part--danger > .button--danger").click();
      await lookAtDialog(page, "unlink");

      await visit(page, "/profile");
      await look(page, "profile");
      for (const part of await page.locator(".change__open").all()) await part.click();
      await look(page, "profile-changes");
      await page.locator(".part--danger > .button--danger").click();
      await lookAtDialog(page, "delete");
      await page.goto(`${APP}/logout`);
      await look(page, "logout");
      await page.goto(`${APP}/portals/0123456789abcdef0123456789abcdef`);
      await look(page, "missing");
    });
  });
}

async function describePortal(page) {
  await page.locator("#describe").click();
  const dialog = page.locator("#describe-dialog");
  await fieldOf(dialog, "label").fill("ООО «Окна и двери Сибири», головной офис");
  await fieldOf(dialog, "tags").fill("VIP, Сибирь, Договор до марта");
  await dialog.getByRole("radio").nth(4).check({ force: true });
  await dialog.locator("textarea").fill("Звонить Анне по средам.");
  await dialog.locator("button[type=submit]").click();
  await expect(dialog).toBeHidden();
}
