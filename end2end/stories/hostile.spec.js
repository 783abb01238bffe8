// SEC-50: a portal of which every text is an attack. Every page of both faces shows the texts as they
// are; nothing that they say is done.

import { readFile } from "node:fs/promises";
import { LivingPortal, everyAnswer } from "../support/cloud.js";
import { confirmLink, link, pageOf, settingsOf, settle, somebody, test as base, tokenOf, visit } from "../support/cabinet.js";
import { showsAll, unharmed, watchForHarm } from "../support/harm.js";
import { beginInstall, installButton, opensByItself } from "../support/life.js";
import { press } from "../support/people.js";
import { HOSTILE } from "../support/places.js";
import { alive, clickInMenu, expect, openFromMenu, tab } from "../support/story.js";

const OWNER = `<img src=x onerror=alert('owner')>"'&lt;`;
const LABEL = `</title><script>alert('label')</script>"onload='`;
const TAG = `"><svg/onload=alert('tag')>`;
const NOTE = `</textarea><script>alert('note')</script>\n{{7*7}}`;
const QUERY = `"><img src=x onerror=alert('query')>`;

const test = base.extend({
  // What hostile texts have made the story's page do: nothing.
  harm: [
    async ({ page }, use) => {
      const done = watchForHarm(page);
      await use(done);
      expect(done, "a text was obeyed").toEqual([]);
    },
    { auto: true },
  ],
});
// Both stories use the two portals.
test.describe.configure({ mode: "serial" });

const portals = HOSTILE.map((number) => new LivingPortal(number));
const named = ({ name, last_name, second_name }) => [name, second_name, last_name].map((part) => part.trim());

// What each tab has to show of a world.
function shownOf(world) {
  const fields = (entity) =>
    world.fields
      .filter((field) => field.entity === entity)
      .flatMap((field) => [field.name, field.edit_form_label.ru]);
  const stages = world.statuses.filter(({ entity_id }) => entity_id.startsWith("DEAL_STAGE"));
  return {
    "Воронки": world.funnels.map(({ name }) => name),
    "Статусы воронок": stages.flatMap(({ status_id, name }) => [status_id, name]),
    "Пользовательские поля сделок": fields("deal"),
    "Поля контактов": fields("contact"),
    "Поля компаний": fields("company"),
    "Поля лидов": fields("lead"),
    "Сотрудники": world.users.flatMap((user) => [...named(user), user.position]),
  };
}

const itemsOf = (world) =>
  world.fields
    .filter(({ entity }) => entity === "deal")
    .flatMap(({ items }) => items.flatMap(({ value, xml_id }) => [value, xml_id]));

// Goes through all tabs of a sheet, in a frame or on a page of the cabinet.
async function throughTabs(where, world) {
  for (const [name, texts] of Object.entries(shownOf(world))) {
    await tab(where, name).click();
    await showsAll(where, texts, name);
    await unharmed(where, name);
  }
  await tab(where, "Пользовательские поля сделок").click();
  const folded = where.locator('[data-unfold][aria-expanded="false"]');
  while (await folded.count()) await folded.first().click();
  await showsAll(where, itemsOf(world), "items");
  await unharmed(where, "items");
}

// The same eyes on a page that lets texts in as markup, without any policy.
base("catches a page that obeys texts", async ({ page, complaints }) => {
  complaints.expect(/./s);
  const harm = watchForHarm(page);
  const { fields, statuses } = await portals[1].world();
  const texts = [...fields.map(({ name }) => name), ...statuses.map(({ color }) => color)];
  await page.route("http://127.0.0.1:1/", (route) => route.fulfill({ contentType: "text/html", body: "<!doctype html>" }));
  await page.goto("http://127.0.0.1:1/");
  await page.evaluate((texts) => {
    for (const text of texts) document.body.appendChild(document.createElement("div")).innerHTML = text;
  }, texts);
  await expect.poll(() => harm.filter((one) => one.startsWith("a dialog")).length).toBeGreaterThan(2);
  await expect.poll(() => harm.filter((one) => one.startsWith("a request to")).length).toBeGreaterThan(0);
  await expect(unharmed(page, "")).rejects.toThrow(/onerror/);
  await expect(showsAll(page, texts, "texts", 500)).rejects.toThrow();
});

test("sec_50: inside a portal", async ({ page, another, complaints }) => {
  test.setTimeout(240_000);
  const [portal] = portals;
  const world = await portal.world();
  await portal.beginAnew();
  const installer = await beginInstall(page, portal);
  await showsAll(installer, [world.users[0].name], "the installer");
  await unharmed(installer, "the installer");
  await installButton(installer).click();
  await opensByItself(page, installer);

  const app = await openFromMenu(page, { portal: portal.number });
  await throughTabs(app, world);
  for (const query of [world.funnels[2].name.slice(0, 30), QUERY]) {
    await app.locator("#search").fill(query);
    await unharmed(app, query);
  }
  await app.locator("#search").fill("");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    app.getByRole("button", { name: "Сохранить в TXT файл" }).click(),
  ]);
  expect((await readFile(await download.path(), "utf8")).includes("\u001b")).toBe(false);

  const owner = await another();
  await settle(owner, somebody(OWNER));
  const token = await tokenOf(await owner.newPage());
  const dialog = await settingsOf(app);
  await confirmLink(dialog, token);
  await unharmed(app, "the settings");
  for (const lang of ["ru", "en"]) {
    await openFromMenu(page, { portal: portal.number, lang, user: "employee" });
    await unharmed(app, "an employee's page");
  }

  // What the portal says of its troubles, by its code and its sentence.
  complaints.expect(/status of (401|403|503)/);
  for (const [index, status] of [400, 403, 500, 200, 429].entries()) {
    const [error, description] = [world.fields[index * 4].name, world.fields[index * 7].edit_form_label.ru];
    await portal.suffer(everyAnswer({ effect: "error", status, error, description }));
    const trouble = await clickInMenu(page, { portal: portal.number });
    await expect(trouble.getByRole("heading").first()).toBeVisible({ timeout: 30_000 });
    await unharmed(trouble, `a trouble with status ${status}`);
    await portal.recover();
  }
});

test("sec_50: in the cabinet", async ({ page, context, beside, complaints }) => {
  test.setTimeout(360_000);
  const inside = await beside();
  const harm = watchForHarm(inside);
  await settle(context, somebody(OWNER));
  const token = await tokenOf(page);
  for (const portal of portals) {
    await portal.beginAnew();
    const frame = await beginInstall(inside, portal);
    await installButton(frame).click();
    await opensByItself(inside, frame);
    await link(inside, portal, token);
  }
  const [one] = portals;
  const world = await one.world();
  const sheet = await pageOf(one);
  await visit(page, sheet);
  const read = Date.now();
  await press(page, "Название, метки и заметка");
  const dialog = page.getByRole("dialog", { name: "Название, метки и заметка" });
  await dialog.locator('input[name="label"]').fill(LABEL);
  await dialog.locator('input[name="tags"]').fill(TAG);
  await dialog.locator("#note").fill(NOTE);
  await press(dialog, "Сохранить");
  await expect(dialog).toBeHidden();
  await visit(page, sheet);
  await throughTabs(page, world);
  await showsAll(page, [LABEL, TAG], "the portal's page");

  // A change of each kind, so that the history has something to tell.
  await page.waitForTimeout(Math.max(0, 31_000 - (Date.now() - read)));
  const changed = world.fields[1].edit_form_label.en;
  await one.perform({ do: "rename_field", id: world.fields[0].id, label: changed });
  await one.perform({ do: "remove_field", id: world.fields[2].id });
  await one.perform({ do: "set_field_items", id: world.fields[1].id, items: [changed, QUERY] });
  await one.perform({ do: "add_field", entity: "deal", type: "string", label: QUERY });
  await visit(page, sheet);
  await press(page, "Обновить");
  await tab(page, "Пользовательские поля сделок").click();
  await showsAll(page, [changed, QUERY], "after a change");

  const side = (portal) => pageOf(portal).then((address) => address.split("/").at(-1));
  const sides = `left=${await side(one)}&right=${await side(portals[1])}`;
  const query = encodeURIComponent(QUERY);
  const hostile = encodeURIComponent(world.funnels[3].name);
  for (const [address, texts] of [
    ["/dashboard", [LABEL, TAG]],
    [`/dashboard?q=${query}&tag=${query}&sort=${query}`, []],
    [`/dashboard?q=${encodeURIComponent(LABEL)}`, [LABEL]],
    [`${sheet}?view=history`, [changed, QUERY, world.fields[2].name]],
    [`${sheet}?view=history&q=${query}&id=${hostile}&on=${query}`, []],
    [`${sheet}?view=history&id=${encodeURIComponent(world.fields[2].name)}`, [world.fields[2].name]],
    [`${sheet}?view=connection`, [LABEL]],
    [`${sheet}?version=1&tab=deal-fields`, [world.fields[2].name]],
    [`${sheet}?tab=${query}&funnel=${query}&q=${query}`, []],
    [`/compare?${sides}`, [world.funnels[0].name, world.fields[9].name]],
    [`/compare?${sides}&show=${query}&open=${query}`, []],
    [`/search?q=${hostile}`, [world.funnels[3].name]],
    [`/search?q=${encodeURIComponent(changed)}`, []],
    [`/search?q=${query}&portal=${query}`, []],
    ["/search?q=alert", [LABEL]],
    ["/profile", [OWNER]],
    ["/logout", []],
    [`/portals/${query}`, []],
    [`/portals/${await side(one)}/${query}`, []],
    [`/compare?left=${query}&right=${query}`, []],
    [`/legal/${query}`, []],
  ]) {
    complaints.expect(/status of 40[04]/);
    await page.goto(new URL(address, page.url()).href);
    if (texts.length) await showsAll(page, texts, address);
    else await expect(page.locator("body")).not.toBeEmpty();
    await unharmed(page, address);
  }
  for (const show of ["differ", "left", "right", "all", "same"]) {
    await visit(page, `/compare?${sides}&show=${show}`);
    await unharmed(page, show);
  }
  await visit(page, "/search");
  const box = page.getByRole("textbox", { name: "Название или ID" });
  for (const text of [world.funnels[3].name.slice(0, 20), QUERY, "alert", "UF_CRM"]) {
    const found = page.waitForResponse(/\/api\/search/);
    await box.fill(text.replace(/\s+/gu, " "));
    await (await found).finished();
    await expect(page.locator(".found")).toHaveAttribute("aria-busy", "false");
    await unharmed(page, `a search for ${text}`);
  }

  await visit(page, sheet);
  for (const form of ["TXT", "JSON", "CSV", "XLSX"]) {
    await page.getByText("Скачать", { exact: true }).click();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: `Сохранить в ${form} файл` }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/^[\w.-]+$/);
    await download.path();
  }
  expect(harm, "a text was obeyed inside the portal").toEqual([]);
});
