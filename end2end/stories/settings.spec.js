// The settings: an administrator enters a connection token, and mistakes in it are named.

import { expect, test } from "../support/story.js";

async function settings(open) {
  const app = await open();
  await app.getByRole("button", { name: "Настройки" }).click();
  return app.getByRole("dialog", { name: "Настройки" });
}

test("a token's mistakes are told one by one", async ({ open }) => {
  const dialog = await settings(open);
  const field = dialog.getByLabel("Токен подключения");
  const verdict = dialog.locator("#token-verdict");
  for (const [token, sentence] of [
    ["", "Вставьте токен подключения"],
    ["token-123", "начинается с crmap_"],
    ["crmap_abc", "скопирован не целиком"],
  ]) {
    await field.fill(token);
    await dialog.getByRole("button", { name: "Продолжить" }).click();
    await expect(verdict).toContainText(sentence);
    await expect(field).toHaveAttribute("aria-invalid", "true");
  }
  await field.fill("crmap_a");
  await expect(verdict).toBeEmpty();
});

test("the dialog is closed by its cross and opens again", async ({ open }) => {
  const dialog = await settings(open);
  await dialog.getByRole("button", { name: "Закрыть" }).click();
  await expect(dialog).toBeHidden();
});
