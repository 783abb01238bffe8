// One click copies an ID and says so, whether or not the portal lets its frame use the clipboard.

import { clipboardRefused } from "../support/cloud.js";
import { portalUrl } from "../support/places.js";
import { expect, pasted, row, tab, test } from "../support/story.js";

async function copyOneStage(open, options) {
  const app = await open(options);
  await tab(app, "Статусы воронок").click();
  await row(app, "C7:WON").getByRole("button", { name: "Скопировать C7:WON" }).click();
  return app;
}

test("with the clipboard granted", async ({ page, context, open }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const app = await copyOneStage(open);
  await expect(app.getByRole("status").filter({ hasText: "Скопировано: C7:WON" })).toHaveCount(1);
  await expect(app.locator(".toast")).toBeVisible();
  expect(await pasted(page)).toBe("C7:WON");
});

test("without the clipboard granted by the portal", async ({ page, open, troubled }) => {
  await troubled.suffer(clipboardRefused);
  const app = await copyOneStage(open, { portal: troubled.number });
  await expect(page.locator("#app-frame")).not.toHaveAttribute("allow", /clipboard/);
  await expect(app.getByRole("status").filter({ hasText: "Скопировано: C7:WON" })).toHaveCount(1);
  expect(await pasted(page)).toBe("C7:WON");
  expect(page.url()).toContain(portalUrl(troubled.number));
});
