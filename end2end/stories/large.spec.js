// A very large portal: typing stays smooth. Figures are told; only absurd ones fail.

import { LARGE } from "../support/places.js";
import { expect, frameOf, rows, search, tab, test } from "../support/story.js";

// No key may take longer.
const ABSURD = 1_000;
const ATTEMPTS = 3;

// Work of the main thread from a key's event until the browser has drawn what came of it.
async function startClock(frame) {
  await frame.evaluate(() => {
    window.keys = [];
    document.getElementById("search").addEventListener(
      "input",
      () => {
        const start = performance.now();
        requestAnimationFrame(() => {
          const channel = new MessageChannel();
          channel.port1.onmessage = () => window.keys.push(performance.now() - start);
          channel.port2.postMessage(null);
        });
      },
      { capture: true },
    );
  });
}

// How long each key of a text takes in the search of a tab, in a page that was opened for it.
async function timed(page, open, name, text) {
  const app = await open({ portal: LARGE });
  await tab(app, name).click();
  await expect(rows(app).first()).toBeVisible();
  const frame = await frameOf(page);
  await startClock(frame);
  await search(app).pressSequentially(text, { delay: 150 });
  await expect.poll(() => frame.evaluate(() => window.keys.length)).toBe(text.length);
  return frame.evaluate(() => window.keys.map(Math.round));
}

for (const [name, text] of [
  ["Пользовательские поля сделок", "поле1"],
  ["Статусы воронок", "C3:WO"],
  ["Сотрудники", "иванов"],
]) {
  test(`typing in «${name}» of a thousand rows`, async ({ page, open }, info) => {
    let longest = Infinity;
    // Other processes of the machine may take its cores for a second; hardly three times.
    for (let attempt = 0; attempt < ATTEMPTS && longest >= ABSURD; attempt += 1) {
      const keys = await timed(page, open, name, text);
      const line = `${name}: ${keys.join(", ")} ms for the keys of «${text}»`;
      console.log(line);
      info.annotations.push({ type: "keys", description: line });
      longest = Math.min(longest, Math.max(...keys));
    }
    expect(longest).toBeLessThan(ABSURD);
  });
}

test("a thousand rows are drawn in parts", async ({ page, open }) => {
  const app = await open({ portal: LARGE });
  await tab(app, "Сотрудники").click();
  await expect(rows(app)).toHaveCount(300);
  await app.getByRole("button", { name: "Показать ещё 300" }).press("Enter");
  await expect(rows(app)).toHaveCount(600);
  // Whoever came there by the keyboard goes on with the first of the new rows.
  const there = rows(app).nth(300).locator(".code").first();
  await expect(there).toBeFocused();
  await expect(there).toBeInViewport();
  // The palette appears at the head of the frame, and leaves whoever closes it where they were.
  await page.keyboard.press("Control+k");
  await expect(app.getByRole("combobox")).toBeFocused();
  await expect(there).not.toBeInViewport();
  await page.keyboard.press("Escape");
  await expect(there).toBeFocused();
  await expect(there).toBeInViewport();
});

test("paper has every row, and the frame alone is printed", async ({ page, open }) => {
  const app = await open({ portal: LARGE });
  await tab(app, "Сотрудники").click();
  await expect(rows(app)).toHaveCount(300);
  const frame = await frameOf(page);
  await app.getByRole("button", { name: "Показать ещё 300" }).click();
  await expect(rows(app)).toHaveCount(600);
  await frame.evaluate(() => {
    // As a browser does: its listeners, then it writes down what is there.
    window.print = () => {
      dispatchEvent(new Event("beforeprint"));
      window.printed = document.querySelectorAll("tr[data-id]").length;
      dispatchEvent(new Event("afterprint"));
    };
    document.querySelector("[data-print]").click();
  });
  await expect.poll(() => frame.evaluate(() => window.printed)).toBe(1000);
  await expect(rows(app)).toHaveCount(600);
});
