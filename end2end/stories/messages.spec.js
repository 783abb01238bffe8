// SEC-44: what is posted to the application's frame counts only from the portal that was proved, and
// only as the answer to a question.

import { LARGE, portalUrl } from "../support/places.js";
import { expect, panel, rows, tab, test } from "../support/story.js";

const MESSAGES = 10_000;
const RENEW = "/api/session/renew";
const EVIL = "evil-access-token";

// Takes the questions for fresh tokens away from the portal's page and keeps their tickets.
const holdQuestions = (page) =>
  page.addInitScript(() => {
    if (window.parent !== window) return;
    window.tickets = [];
    addEventListener("message", (event) => {
      const [command, ticket] = String(event.data).split(":");
      if (command !== "refreshAuth") return;
      event.stopImmediatePropagation();
      window.tickets.push(ticket);
    });
  });

// The arguments of every call that renews a session.
function renewals(page) {
  const sent = [];
  page.on("request", (request) => {
    if (request.url().endsWith(RENEW)) sent.push(request.postDataBuffer().toString("latin1"));
  });
  return sent;
}

// A page of another portal beside the application's frame.
async function letStrangerIn(page) {
  await page.evaluate((address) => {
    document.body.append(Object.assign(document.createElement("iframe"), { id: "elsewhere", src: address }));
  }, `${portalUrl(LARGE)}/`);
  const stranger = await (await page.waitForSelector("#elsewhere")).contentFrame();
  await stranger.waitForLoadState();
  return stranger;
}

// Has it answer in the place of the page around both. Frames of another origin are reached by their
// numbers alone.
const answerFromElsewhere = (stranger, answer) =>
  stranger.evaluate((text) => {
    for (let number = 0; number < parent.length; number += 1) parent[number].postMessage(text, "*");
  }, answer);

const ticketOf = async (page) => {
  await page.waitForFunction(() => window.tickets.length > 0);
  return page.evaluate(() => window.tickets.at(-1));
};

test("sec_44: ten thousand messages of any kind change nothing", async ({ page, open, troubled }) => {
  const sent = renewals(page);
  const app = await open({ portal: troubled.number });
  await page.evaluate((count) => {
    const frame = document.getElementById("app-frame").contentWindow;
    const pick = (all) => all[Math.floor(Math.random() * all.length)];
    const parts = ["crmap1x1", "crmap2", ":", "refreshAuth", "{\"AUTH_ID\":\"evil-access-token\"}", "null", "\u0000", "<script>", "resizeWindow", "%", "\ud800", "x".repeat(5_000)];
    const others = [null, undefined, 7, NaN, [], {}, { toString: null }, new ArrayBuffer(9), new Date(), new Map([[1, 2]])];
    for (let number = 0; number < count; number += 1) {
      const text = Array.from({ length: 1 + (number % 5) }, () => pick(parts)).join("");
      frame.postMessage(number % 7 ? text : pick(others), "*");
    }
  }, MESSAGES);
  await tab(app, "Сотрудники").click();
  await expect(panel(app)).toBeVisible();
  await app.getByRole("button", { name: "Обновить" }).click();
  await tab(app, "Воронки").click();
  await expect(rows(app)).toHaveCount(6);
  expect(sent).toEqual([]);
});

test("sec_44: an answer counts from the portal that was proved and from nobody else", async ({ page, open, troubled, complaints }) => {
  complaints.expect(/status of (401|403)|Refused to (frame|display)|violates/);
  await holdQuestions(page);
  const sent = renewals(page);
  const app = await open({ portal: troubled.number });
  // Before the question: the page waits for an answer for ten seconds only.
  const stranger = await letStrangerIn(page);
  await troubled.suffer({ kind: "tokens_expired" });
  await app.getByRole("button", { name: "Обновить" }).click();
  const answer = `${await ticketOf(page)}:${JSON.stringify({ AUTH_ID: EVIL })}`;
  await answerFromElsewhere(stranger, answer);
  await page.waitForTimeout(1_000);
  expect(sent, "a stranger was heard").toEqual([]);

  // The same words from the portal itself are heard: it is not the words that were refused.
  await page.evaluate((text) => document.getElementById("app-frame").contentWindow.postMessage(text, "*"), answer);
  await expect.poll(() => sent.some((arguments_) => arguments_.includes(EVIL))).toBe(true);
});
