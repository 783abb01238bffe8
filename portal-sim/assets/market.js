// The application's card in the marketplace: install, and remove after a question.
(() => {
  "use strict";
  const card = document.getElementById("app-card");
  const question = document.getElementById("app-question");
  const user = Number(card.dataset.user);

  const press = async (what, more) => {
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ user, ...more });
    const answer = await fetch(`/page/${what}`, { method: "POST", headers, body });
    if (!answer.ok) throw new Error(`${what}: ${answer.status}`);
  };

  document.getElementById("app-install")?.addEventListener("click", async () => {
    await press("install");
    location.assign(card.dataset.app);
  });
  document.getElementById("app-remove")?.addEventListener("click", () => question.showModal());
  document.getElementById("app-remove-sure").addEventListener("click", async () => {
    await press("uninstall", { clean: document.getElementById("app-clean").checked });
    location.reload();
  });
})();
