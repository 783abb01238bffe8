// Pictures of pages for people to look at, in test-results/screens; and no scrolling sideways.

import { join } from "node:path";
import { SCREENS } from "./places.js";
import { expect, frameOf } from "./story.js";

export const SIZES = { wide: { width: 1280, height: 900 }, narrow: { width: 390, height: 844 } };

export const picture = (page, ...names) =>
  page.screenshot({ path: join(SCREENS, `${names.join("-")}.png`), animations: "disabled" });

// A page in its full height. The window grows for it: the browser draws of a frame what is in sight.
export async function wholePicture(page, ...names) {
  const size = page.viewportSize();
  const height = await page.evaluate(() => {
    scrollTo(0, 0);
    return document.documentElement.scrollHeight;
  });
  await page.setViewportSize({ ...size, height: Math.max(size.height, height) });
  await picture(page, ...names);
  await page.setViewportSize(size);
}

// The frame of a portal's page, or a page that stands alone.
export async function fitsSideways(page, frame = null) {
  const widths = await (frame ?? (await frameOf(page))).evaluate(() => [
    document.documentElement.scrollWidth,
    innerWidth,
  ]);
  expect.soft(widths[0], "it scrolls sideways").toBeLessThanOrEqual(widths[1]);
}
