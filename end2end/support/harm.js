// What must not come of hostile texts, and that they are shown as they are (SEC-50).

import { expect } from "./story.js";

// Counts everything that a text has made a page do. The complaints of the browser itself, violations
// of the policy among them, fail every story.
export function watchForHarm(page) {
  const done = [];
  page.on("dialog", (dialog) => {
    done.push(`a dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on("popup", () => done.push("a window"));
  page.on("request", (request) => {
    const { protocol, hostname } = new URL(request.url());
    const ours = hostname.startsWith("127.0.0.") || ["data:", "blob:", "about:"].includes(protocol);
    if (!ours) done.push(`a request to ${request.url()}`);
  });
  return done;
}

// How a browser shows a text: one kind of white space, and no zero.
const asShown = (text) => text.replaceAll("\0", "").replace(/\s+/gu, " ").trim();

// Waits until all texts stand in a page or frame, letter by letter.
export async function showsAll(where, texts, what, timeout = 15_000) {
  expect(texts.length, what).toBeGreaterThan(0);
  const missing = async () => {
    const page = asShown(await where.locator("body").evaluate((body) => body.textContent));
    return texts.map(asShown).filter((text) => !page.includes(text));
  };
  await expect.poll(missing, { message: what, timeout }).toEqual([]);
}

// No element and no attribute has come out of a text.
export async function unharmed(where, what) {
  expect(await where.locator("html").evaluate(harmIn), what).toEqual([]);
}

function harmIn(root) {
  const harm = [];
  const never = "base, iframe, object, embed, math, template, noscript, video, img, x, meta[http-equiv], script[src*='//']";
  for (const element of root.querySelectorAll(never)) harm.push(element.outerHTML.slice(0, 200));
  for (const element of root.querySelectorAll("*")) {
    for (const { name, value } of element.attributes) {
      const leads = ["href", "src", "action", "formaction", "data", "xlink:href", "srcdoc"].includes(name);
      const away = leads && !/^(\/(?!\/)|#|\?|blob:|http:\/\/127\.0\.0\.\d+)/.test(value) && value !== "";
      const styled = ["style", "fill", "stroke"].includes(name) && /url|expression|evil|fixed/i.test(value);
      if (name.startsWith("on") || away || styled) harm.push(`${element.tagName} ${name}=${value}`);
    }
    const code = ["SCRIPT", "STYLE"].includes(element.tagName) ? element.textContent : "";
    if (/alert\(\d|evil\.example/.test(code)) harm.push(code.slice(0, 200));
  }
  return harm;
}
