// Prints how soon pages live in Chromium and how they answer to typing: `node bench-browser.mjs PAGE…`.
// A PAGE is `portal NAME ADDRESS`, the address of a simulated portal, or `cabinet NAME ADDRESS E-MAIL
// PASSWORD`, the address of a server. Each is loaded anew and again with nothing in the browser's cache, on
// this machine as it is and made four times slower; what stands there is the middle one.
//
//   first paint   from the end of the document's answer until the first text is seen
//   alive         until the page has taken over what the server has drawn
//   longest task  while a word is typed into the page's search
//   heap, wasm    memory of JavaScript and of the module, after that

import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { openingForm } from "./opening.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const { chromium } = createRequire(join(root, "end2end/package.json"))("playwright-core");

const LOADS = 5;
const SLOWER = [1, 4];
const TYPED = "окна поле";
const ISLAND = "crmap-data";

const browser = await chromium.launch({
  executablePath: process.env.CRMAP_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run"],
});
try {
  say("", ["first paint", "alive", "longest task", "heap", "wasm"]);
  for (const page of asked(process.argv.slice(2))) {
    for (const slower of SLOWER) await figures(page, slower);
  }
} finally {
  await browser.close();
}

function asked(words) {
  const pages = [];
  while (words.length) {
    const [kind, name, address] = words.splice(0, 3);
    if (kind === "portal") pages.push({ name, open: (tab) => openPortal(tab, address) });
    else if (kind === "cabinet") {
      const [email, password] = words.splice(0, 2);
      pages.push({ name, enter: (tab) => logIn(tab, address, email, password), open: (tab) => tab.goto(`${address}/dashboard`) });
    } else throw new Error(`a page is of a portal or of a cabinet, not ${kind}`);
  }
  return pages;
}

async function figures(page, slower) {
  const loads = [];
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: "ru-RU" });
  const tab = await context.newPage();
  await tab.addInitScript(watch, ISLAND);
  await page.enter?.(tab);
  const machine = await context.newCDPSession(tab);
  await machine.send("Network.enable");
  await machine.send("Performance.enable");
  for (let load = 0; load < LOADS; load++) {
    await machine.send("Network.clearBrowserCache");
    await machine.send("Emulation.setCPUThrottlingRate", { rate: 1 });
    loads.push(await measured(page, tab, machine, slower));
  }
  await context.close();
  const middle = (name) => loads.map((load) => load[name]).sort((a, b) => a - b)[Math.floor(LOADS / 2)];
  say(`${page.name}${slower > 1 ? `, ${slower} times slower` : ""}`, [
    `${middle("paint")} ms`,
    `${middle("alive")} ms`,
    `${middle("task")} ms`,
    `${middle("heap")} MB`,
    `${middle("wasm")} MB`,
  ]);
}

async function measured(page, tab, machine, slower) {
  await machine.send("Emulation.setCPUThrottlingRate", { rate: slower });
  await page.open(tab);
  await tab.waitForFunction(() => window.watched?.alive);
  await tab.waitForTimeout(300 * slower);
  // A page may live before Chromium has told when it painted.
  const { paint, alive } = await tab.evaluate(() => window.watched.since());
  await tab.evaluate(() => window.watched.listen());
  await tab.locator("#search").pressSequentially(TYPED, { delay: 150 });
  await tab.waitForTimeout(300 * slower);
  const { task, wasm } = await tab.evaluate(() => window.watched.typing());
  const { metrics } = await machine.send("Performance.getMetrics");
  const heap = metrics.find(({ name }) => name === "JSHeapUsedSize").value;
  return { paint, alive, task, heap: megabytes(heap), wasm: megabytes(wasm) };
}

// What a page does by itself: the form of an opening, posted from the portal's own page.
async function openPortal(tab, address) {
  const { action, fields } = await openingForm(address);
  await tab.goto(address);
  const gone = tab.waitForURL((url) => url.href.startsWith(new URL(action).origin));
  await tab.evaluate(
    ([action, fields]) => {
      const form = Object.assign(document.createElement("form"), { method: "post", action });
      for (const [name, value] of fields) {
        form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
      }
      document.documentElement.append(form);
      form.submit();
    },
    [action, fields],
  );
  await gone;
}

async function logIn(tab, address, email, password) {
  await tab.goto(`${address}/login`);
  await tab.locator("[name=email]").fill(email);
  await tab.locator("[name=password]").fill(password);
  await tab.locator("form button[type=submit]").first().click();
  await tab.waitForURL(/\/dashboard/);
}

// Runs in the page, before anything else does.
function watch(island) {
  const watched = (window.watched = { alive: 0, tasks: [] });
  // A page takes its data out of the document and lives within the same task.
  let seen = false;
  new MutationObserver(() => {
    if (document.getElementById(island)) seen = true;
    else if (seen && !watched.alive) watched.alive = performance.now();
  }).observe(document, { childList: true, subtree: true });
  const compile = WebAssembly.instantiateStreaming;
  WebAssembly.instantiateStreaming = async (...module) => {
    const made = await compile.apply(WebAssembly, module);
    watched.memory = Object.values(made.instance.exports).find((one) => one instanceof WebAssembly.Memory);
    return made;
  };
  watched.since = () => {
    const { responseEnd } = performance.getEntriesByType("navigation")[0];
    const paint = performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? NaN;
    return { paint: Math.round(paint - responseEnd), alive: Math.round(watched.alive - responseEnd) };
  };
  watched.listen = () => {
    watched.observer = new PerformanceObserver((list) => watched.tasks.push(...list.getEntries()));
    watched.observer.observe({ type: "longtask" });
  };
  watched.typing = () => {
    watched.tasks.push(...watched.observer.takeRecords());
    const task = Math.max(0, ...watched.tasks.map(({ duration }) => Math.round(duration)));
    return { task, wasm: watched.memory?.buffer.byteLength ?? NaN };
  };
}

function megabytes(bytes) {
  return (bytes / 1024 / 1024).toFixed(1);
}

// Tasks below 50 ms are none in the eyes of a browser.
function say(title, columns) {
  console.log(`  ${title.padEnd(34)}${columns.map((column) => column.replace(/^0 ms$/, "< 50 ms").padStart(14)).join("")}`);
}
