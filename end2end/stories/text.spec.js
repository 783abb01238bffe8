// The text file is made in the browser by the same code as on the command line.

import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { describe } from "../support/cloud.js";
import { binary, DEMO, LARGE } from "../support/places.js";
import { expect, test } from "../support/story.js";

// Two specifications of an unchanged portal differ in the date line alone.
const DATE_LINE = { ru: /^Дата чтения .*\r\n/m, en: /^Date of reading .*\r\n/m };

async function fromCommandLine(webhook, lang) {
  const options = { encoding: "buffer", maxBuffer: 64 * 1024 * 1024 };
  const { stdout } = await promisify(execFile)(binary("crmap"), ["spec", webhook, "--lang", lang], options);
  return stdout;
}

async function fromPage(page, app, name) {
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    app.getByRole("button", { name }).click(),
  ]);
  return { name: download.suggestedFilename(), content: await readFile(await download.path()) };
}

function apartFromDate(content, lang) {
  const text = content.toString("utf8");
  expect(text).toMatch(DATE_LINE[lang]);
  // Byte for byte: what is not text would not survive the way there and back.
  expect(Buffer.from(text, "utf8").equals(content)).toBe(true);
  return text.replace(DATE_LINE[lang], "");
}

for (const [world, portal, lang, button] of [
  ["demo", DEMO, "ru", "Сохранить в TXT файл"],
  ["demo", DEMO, "en", "Save as TXT file"],
  ["large", LARGE, "ru", "Сохранить в TXT файл"],
]) {
  test(`the ${world} portal's text in ${lang} equals that of crmap spec`, async ({ page, open }) => {
    const app = await open({ portal, lang });
    const file = await fromPage(page, app, button);
    // Said for a few seconds alone.
    await expect(app.getByRole("status").filter({ hasText: file.name })).toHaveCount(1);
    expect(file.name).toMatch(/^crmap_127\.0\.0\.\d+.*_\d{4}-\d\d-\d\d\.txt$/);
    expect([...file.content.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    const { webhooks } = await describe(portal);
    const expected = await fromCommandLine(webhooks.administrator, lang);
    const lines = (content) => apartFromDate(content, lang).split("\r\n");
    expect(lines(file.content)).toEqual(lines(expected));
  });
}
