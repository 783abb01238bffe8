// The page speaks the portal's language.

import { expect, row, tab, test } from "../support/story.js";

test("a portal in English", async ({ open }) => {
  const app = await open({ lang: "en" });
  await expect(app.locator("html")).toHaveAttribute("lang", "en");
  await expect(app.getByRole("button", { name: "Settings" })).toBeVisible();
  await tab(app, "Custom fields of deals").click();
  await expect(row(app, "UF_CRM_WINDOW_COUNT")).toContainText("Number of items");
  await expect(app.getByRole("button", { name: "Save as TXT file" })).toBeVisible();
});
