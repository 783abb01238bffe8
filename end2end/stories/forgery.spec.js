// An opening that is not the portal's own is not let in; people who come without one are told where
// to go.

import { openingForm } from "../../scripts/opening.mjs";
import { describe } from "../support/cloud.js";
import { APP, DEMO, LARGE, portalUrl } from "../support/places.js";
import { expect, test } from "../support/story.js";

// Posts the form from a page of some site, as a browser does.
async function submit(page, { action, fields }) {
  await page.goto(`${portalUrl(LARGE)}/`);
  const [answer] = await Promise.all([
    page.waitForNavigation(),
    page.evaluate(
      ([action, fields]) => {
        const form = Object.assign(document.createElement("form"), { method: "post", action });
        for (const [name, value] of fields) {
          form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
        }
        document.body.append(form);
        form.submit();
      },
      [action, fields],
    ),
  ]);
  return answer;
}

const altered = ({ action, fields }, changes) => ({
  action,
  fields: fields.map(([name, value]) => [name, changes[name] ?? value]),
});

test.beforeEach(({ complaints }) => complaints.expect(/status of 40[013]/));

test("a made-up token is refused with a page that says what to do", async ({ page }) => {
  const form = altered(await openingForm(portalUrl(DEMO)), { AUTH_ID: "0".repeat(70) });
  const answer = await submit(page, form);
  expect([401, 403]).toContain(answer.status());
  await expect(page.getByRole("heading")).toBeVisible();
  await expect(page.locator("tr[data-id]")).toHaveCount(0);
});

test("a true token under the name of another portal is refused", async ({ page }) => {
  const { member_id } = await describe(LARGE);
  const answer = await submit(page, altered(await openingForm(portalUrl(DEMO)), { member_id }));
  expect(answer.status()).toBe(403);
  await expect(page.getByRole("alert")).toContainText("Не удалось подтвердить");
  await expect(page.locator("body")).not.toContainText("Светлица");
});

test("a form that is cut short is a bad request, told in both languages", async ({ page }) => {
  const { action, fields } = await openingForm(portalUrl(DEMO));
  const answer = await submit(page, { action, fields: fields.filter(([name]) => name !== "AUTH_ID") });
  expect(answer.status()).toBe(400);
  await expect(page.locator('section[lang="ru"]')).toContainText("Портал открыл приложение неправильно");
  await expect(page.locator('section[lang="en"]')).toBeVisible();
});

test("whoever comes without a portal is told in both languages where CRMAP opens", async ({ page }) => {
  const answer = await page.goto(`${APP}/bitrix/app`);
  expect(answer.status()).toBe(200);
  await expect(page.locator('section[lang="ru"]')).toContainText("CRMAP открывается внутри Битрикс24");
  await expect(page.locator('section[lang="en"]')).toBeVisible();
});

test("no page of another site may frame the application", async ({ page, complaints }) => {
  complaints.expect(/frame-ancestors|Refused to (frame|display)|violates/i);
  const form = await openingForm(portalUrl(DEMO));
  await page.goto(`${portalUrl(LARGE)}/`);
  const answered = page.waitForResponse(form.action);
  await page.evaluate(
    ([action, fields]) => {
      const frame = Object.assign(document.createElement("iframe"), { name: "stolen", id: "stolen" });
      const form = Object.assign(document.createElement("form"), { method: "post", action, target: "stolen" });
      for (const [name, value] of fields) {
        form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
      }
      document.body.append(frame, form);
      form.submit();
      // What is refused ends in a page of the browser's own, which is loaded like any other.
      return new Promise((resolve) => frame.addEventListener("load", resolve, { once: true }));
    },
    [form.action, form.fields],
  );
  expect((await answered).status()).toBe(200);
  await expect(page.frameLocator("#stolen").locator("tr[data-id]")).toHaveCount(0);
});
