// When the portal is slow or refuses, the page says what happened and what to do.

import { everyAnswer, error, latency, unpaid } from "../support/cloud.js";
import { alive, clickInMenu, expect, panel, row, rows, tab, test } from "../support/story.js";

test("a portal that is three seconds slow: the page waits and fills itself", async ({ page, open, troubled }) => {
  await troubled.suffer(latency(3000));
  const app = await clickInMenu(page, { portal: troubled.number });
  await expect(panel(app)).toContainText("Портал отвечает медленно", { timeout: 15_000 });
  await expect(rows(app)).toHaveCount(6, { timeout: 20_000 });
  await expect(panel(app)).not.toContainText("Портал отвечает медленно");
  await tab(app, "Статусы воронок").click();
  await expect(rows(app)).toHaveCount(50);
});

test("a portal whose plan has ended: a sentence, a cure, and a second try that succeeds", async ({
  page,
  troubled,
  complaints,
}) => {
  complaints.expect(/status of (403|503)/);
  await troubled.suffer(unpaid);
  const app = await clickInMenu(page, { portal: troubled.number });
  await expect(app.getByRole("alert")).toContainText(
    "Тариф или подписка портала не разрешают приложениям и вебхукам читать данные.",
  );
  await expect(app.getByRole("alert")).toContainText("при необходимости продлите их и повторите");
  await troubled.recover();
  await app.getByRole("button", { name: "Повторить" }).click();
  await alive(app);
  await expect(rows(app)).toHaveCount(6);
  await expect(app.getByRole("alert")).toHaveCount(0);
});

test("a refresh that fails keeps what was read, and says so", async ({ open, troubled, complaints }) => {
  complaints.expect(/status of (403|503)/);
  const app = await open({ portal: troubled.number });
  await expect(rows(app)).toHaveCount(6);
  await troubled.suffer(everyAnswer(error(500, "INTERNAL_SERVER_ERROR", "Internal server error")));
  await app.getByRole("button", { name: "Обновить" }).click();
  await expect(app.getByRole("alert")).toContainText("На стороне портала произошла ошибка.", { timeout: 20_000 });
  await expect(app.getByRole("alert")).toContainText("Показаны данные, прочитанные");
  await expect(rows(app)).toHaveCount(6);
  await troubled.recover();
  await app.getByRole("button", { name: "Повторить" }).click();
  await expect(app.getByRole("alert")).toHaveCount(0, { timeout: 20_000 });
  await expect(rows(app)).toHaveCount(6);
});

test("a token that expired while the page was open is renewed unseen", async ({ open, troubled, complaints }) => {
  complaints.expect(/status of 401/);
  const app = await open({ portal: troubled.number });
  await troubled.suffer({ kind: "tokens_expired" });
  await troubled.forgetRequests();
  await app.getByRole("button", { name: "Обновить" }).click();
  await expect.poll(async () => (await troubled.requests()).some(({ status }) => status === 200)).toBe(true);
  await expect(app.getByRole("button", { name: "Обновить" })).toBeEnabled();
  await expect(app.getByRole("alert")).toHaveCount(0);
  await expect(rows(app)).toHaveCount(6);
});

test("one section that fails leaves the others readable", async ({ open, troubled }) => {
  await troubled.suffer({
    kind: "inside_batch",
    method: "user.get",
    error: "insufficient_scope",
    description: "The request requires higher privileges than provided by the access token",
  });
  const app = await open({ portal: troubled.number });
  await expect(rows(app)).toHaveCount(6);
  await tab(app, "Сотрудники").click();
  await expect(panel(app)).toContainText("Раздел не прочитан");
  await tab(app, "Поля компаний").click();
  await expect(row(app, "UF_CRM_REGION")).toBeVisible();
});

test("labels that try to do harm are shown as text", async ({ page, open, troubled }) => {
  let alerts = 0;
  page.on("dialog", (dialog) => {
    alerts += 1;
    dialog.dismiss();
  });
  await troubled.suffer({ kind: "hostile_labels" });
  const app = await open({ portal: troubled.number });
  for (const name of ["Статусы воронок", "Пользовательские поля сделок", "Сотрудники"]) {
    await expect(panel(app)).toContainText("<script>alert(1)</script>");
    await tab(app, name).click();
  }
  await expect(app.locator("script").filter({ hasText: "alert(1)" })).toHaveCount(0);
  expect(alerts).toBe(0);
});
