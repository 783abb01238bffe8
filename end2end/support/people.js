// What people do at the door of a cabinet and behind it, as far as several stories do it.

import { awake, expect, fieldOf } from "./cabinet.js";

export const NEW_PASSWORD = "сорок две чайки над пристанью";
export const NOT_TOGETHER = "Эл. почта и пароль не подходят друг к другу.";

export const press = (page, name) => page.getByRole("button", { name, exact: true }).click();
export const told = (page, text) => page.getByRole("status").filter({ hasText: text });

export async function fill(page, values) {
  for (const [name, value] of Object.entries(values)) await fieldOf(page, name).fill(value);
}

// Logs in by the page; waits for nothing.
export async function enter(page, { email, password }) {
  await fill(page, { email, password });
  await press(page, "Войти");
}

export async function comesIn(page, person) {
  await enter(page, person);
  await expect(page).toHaveURL(/\/dashboard$/);
  await awake(page);
}

export async function isTurnedAway(page, person) {
  await enter(page, person);
  await expect(page.getByRole("alert").filter({ hasText: NOT_TOGETHER })).toBeVisible();
}

export const inkOf = (page) => page.evaluate(() => getComputedStyle(document.body).color);

export async function choose(page, menu, item) {
  await page.locator(`summary[aria-label="${menu}"]`).click();
  const button = page.locator("details[open]").getByRole("button", { name: item });
  await Promise.all([page.waitForEvent("load"), button.click()]);
}

// Leaves by the door.
export async function leave(page) {
  await page.getByRole("link", { name: "Выйти" }).click();
  await press(page.getByRole("dialog", { name: "Выйти из кабинета?" }), "Выйти");
  await expect(page).toHaveURL(/\/login\?done=left$/);
  await awake(page);
}

// Something to be waited for until it is opened.
export function gate() {
  let open;
  const opened = new Promise((resolve) => {
    open = resolve;
  });
  return { open, opened };
}
