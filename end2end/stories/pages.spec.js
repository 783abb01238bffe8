// How the pages of the installation and the legal pages look: wide and narrow, light and dark, in
// both languages; nothing serious for axe, no scrolling sideways.

import { examine, examineWhole } from "../support/axe.js";
import { error, everyAnswer } from "../support/cloud.js";
import { WORDS, beginInstall, bendOpening, holdFinish, installButton, openUnfinished } from "../support/life.js";
import { SIZES, fitsSideways, picture, wholePicture } from "../support/pictures.js";
import { APP } from "../support/places.js";
import { clickInMenu, expect, frameOf, test } from "../support/story.js";

const ADDRESSES = ["license", "privacy", "security", "support"];

for (const [size, viewport] of Object.entries(SIZES)) {
  for (const colorScheme of ["light", "dark"]) {
    for (const lang of ["ru", "en"]) {
      test.describe(`${size}, ${colorScheme}, ${lang}`, () => {
        test.use({ viewport, colorScheme });
        const names = [size, colorScheme, lang];

        // A page in the frame, when the frame has taken its height.
        const inFrame = async (page, name) => {
          await takesItsHeight(page);
          await wholePicture(page, name, ...names);
          await fitsSideways(page);
          await examine(page);
        };

        test("the installer: the offer, a step that failed, the end", async ({ page, living }) => {
          test.slow();
          await holdFinish(page);
          // A refusal that is not repeated: repetitions would use up what the portal allows.
          const failure = error(400, "ERROR_EVENT_NOT_FOUND", "Event not found");
          await living.suffer({ kind: "answer", method: "event.bind", effect: failure });
          const installer = await beginInstall(page, living, lang);
          await inFrame(page, "install-offer");
          await installButton(installer, lang).click();
          await expect(installer.locator(".step--failed")).toHaveCount(2);
          await inFrame(page, "install-failed");
          await living.recover();
          await installer.getByRole("button").click();
          await expect(installer.getByText(WORDS[lang].late)).toBeVisible({ timeout: 20_000 });
          await inFrame(page, "install-done");
        });

        test("the installer of a portal that refuses everything", async ({ page, living }) => {
          const installer = await beginInstall(page, living, lang);
          await living.suffer(everyAnswer(error(403, "ACCESS_DENIED", "REST API is available only on commercial plans")));
          await installButton(installer, lang).click();
          await expect(installer.locator(".step--failed").first()).toBeVisible();
          await inFrame(page, "install-refused");
        });

        test("the installer for an employee", async ({ page, living }) => {
          await living.perform({ do: "install", user: 1 });
          await living.perform({ do: "finish_install" });
          await bendOpening(page, "/bitrix/install");
          const frame = await clickInMenu(page, { portal: living.number, user: "employee", lang });
          await expect(frame.getByRole("heading")).toHaveText(WORDS[lang].forAdministrators);
          await inFrame(page, "install-only-administrators");
        });

        test("an opening before the installation is finished", async ({ page, living }) => {
          await openUnfinished(page, living, lang);
          await picture(page, "install-unfinished", ...names);
          await fitsSideways(page);
          await examine(page);
        });

        test("licence, privacy, security, support", async ({ page }) => {
          test.slow();
          for (const address of ADDRESSES) {
            await page.goto(`${APP}/legal/${address}?lang=${lang}`);
            await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
            await expect(page.locator('[aria-current="page"]')).toHaveCount(1);
            await wholePicture(page, `legal-${address}`, ...names);
            await fitsSideways(page, page);
            await examineWhole(page);
          }
        });
      });
    }
  }
}

test("the legal pages lead to each other and to the other language", async ({ page }) => {
  await page.goto(`${APP}/legal/license`);
  await expect(page.locator("html")).toHaveAttribute("lang", "ru");
  await page.getByRole("link", { name: WORDS.ru.legal[1] }).first().click();
  await expect(page).toHaveURL(/\/legal\/privacy\?lang=ru$/);
  await page.getByRole("link", { name: "English" }).click();
  await expect(page).toHaveURL(/\/legal\/privacy\?lang=en$/);
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  await expect(page).toHaveTitle("Privacy policy — CRMAP");
});

// The installer's page is as high as its content, so that only the portal scrolls.
async function takesItsHeight(page) {
  const overflow = async () => {
    const frame = await frameOf(page);
    return frame.evaluate(() => document.documentElement.scrollHeight - innerHeight);
  };
  await expect.poll(overflow).toBeLessThanOrEqual(0);
}
