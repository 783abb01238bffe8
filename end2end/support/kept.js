// Pages compared with pictures that are kept in end2end/pictures/kept. What differs from run to run –
// addresses, moments, ages, numbers of people – is written over first, so that nothing else moves.

import { expect, frameOf } from "./story.js";

// Each with what is written instead: as wide whatever was there.
const CHANGING = [
  ["127\\.0\\.0\\.\\d+(:\\d+)?", "okna.bitrix24.ru"],
  ["\\d\\d\\.\\d\\d\\.\\d{4}[  ]\\d\\d:\\d\\d(:\\d\\d)?", "01.02.2026 10:20"],
  ["\\d\\d\\.\\d\\d\\.\\d{4}", "01.02.2026"],
  ["\\d\\d:\\d\\d(:\\d\\d)?", "10:20"],
  ["только что|\\d+[  ]мин[  ]назад|just now|\\d+[  ]min[  ]ago", "5 мин назад"],
  ["person-\\d+@", "anna@"],
  ["crmap_[0-9A-Za-z]{30}_[0-9A-Za-z]{6}", "crmap_token"],
  ["[0-9a-f]{32}", "0123456789abcdef0123456789abcdef"],
];

// A page, or the frame of a portal's page, as far as it is in sight.
export async function looksAs(name, page, { framed = false } = {}) {
  const seen = framed ? await frameOf(page) : page.mainFrame();
  await seen.evaluate(writeOver, CHANGING);
  // Whether a visit is somebody's first, and what is new since the last one, other stories decide.
  await seen.locator("p.news").evaluateAll((lines) => lines.forEach((line) => (line.style.display = "none")));
  if (framed) await hasItsSize(page, seen);
  // What was pressed before may have been scrolled to.
  await page.evaluate(() => scrollTo(0, 0));
  const clip = framed ? await inSight(page) : undefined;
  // Into a corner of the frame: it does not always hear that the pointer has left it.
  await page.mouse.move((clip?.x ?? 0) + 2, (clip?.y ?? 0) + 2);
  await seen.waitForFunction(() => !document.querySelector("table :hover, button:hover, a:hover"));
  // What the simulated cloud lays over the page is no part of it.
  await page.locator("#sim").evaluateAll((panels) => panels.forEach((panel) => panel.remove()));
  // A word more or less is a few hundred pixels: letters are not smoothed.
  await expect.soft(page).toHaveScreenshot(`${name}.png`, { clip, maxDiffPixels: 150 });
}

// A frame hears of the width of its window a little later than the page around it, and the page of the
// height of what stands in the frame later still.
async function hasItsSize(page, seen) {
  const frame = page.locator("#app-frame");
  await expect(frame).toHaveAttribute("style", /height/);
  let last = "";
  await expect(async () => {
    const { clientWidth, clientHeight } = await frame.evaluate(({ clientWidth, clientHeight }) => ({ clientWidth, clientHeight }));
    const [width, height] = await seen.evaluate(() => [innerWidth, document.documentElement.scrollHeight]);
    const before = last;
    last = `${clientWidth} ${clientHeight}`;
    expect([width, height]).toEqual([clientWidth, clientHeight]);
    expect(before).toBe(last);
  }).toPass({ intervals: [100], timeout: 8_000 });
}

// The part of the frame that the window shows.
async function inSight(page) {
  const { x, y, width, height } = await page.locator("#app-frame").boundingBox();
  return { x, y, width, height: Math.min(height, page.viewportSize().height - y) };
}

function writeOver(changing) {
  const patterns = changing.map(([pattern, instead]) => [new RegExp(pattern, "g"), instead]);
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const text = patterns.reduce((text, [pattern, instead]) => text.replace(pattern, instead), node.data);
    if (text !== node.data) node.data = text;
  }
  return document.fonts.ready.then(() => null);
}
