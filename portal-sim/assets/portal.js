// The panel of the simulator: switches faults of this portal by its control interface.
(() => {
  "use strict";
  const state = document.getElementById("sim-state");
  const count = document.getElementById("sim-count");

  const name = (fault) => {
    const effect = fault.effect;
    if (fault.kind !== "answer") return Object.values(fault).join(" ").slice(0, 60);
    const what = effect.error ? `${effect.status} ${effect.error}` : Object.values(effect).join(" ");
    return fault.times ? `${what} ×${fault.times}` : what;
  };

  const show = async () => {
    const { faults } = await (await fetch("/__control/state")).json();
    count.hidden = faults.length === 0;
    count.textContent = String(faults.length);
    state.textContent = faults.length ? faults.map(name).join(" · ") : state.dataset.none;
  };

  const authority = document.getElementById("sim").dataset.oauth;

  // A body without a type of its own needs no leave of another origin.
  const control = async (url, method, body) => {
    const answer = await fetch(url, { method, body });
    const { ok, problem } = await answer.json();
    if (!ok) state.textContent = problem;
    return ok;
  };

  const send = async (method, body) => {
    if (await control("/__control/faults", method, body)) await show();
  };

  const act = async (body) => {
    if (await control("/__control/do", "POST", body)) location.reload();
  };

  for (const button of document.querySelectorAll("[data-fault]")) {
    button.addEventListener("click", () => send("POST", button.dataset.fault));
  }
  for (const button of document.querySelectorAll("[data-do]")) {
    button.addEventListener("click", () => act(button.dataset.do));
  }
  for (const what of ["faults", "knobs"]) {
    for (const button of document.querySelectorAll(`[data-oauth-${what}]`)) {
      const body = button.getAttribute(`data-oauth-${what}`);
      button.addEventListener("click", async () => {
        const url = `${authority}/__control/${what}`;
        if (await control(url, "POST", body)) state.textContent = button.textContent;
      });
    }
  }
  document.getElementById("sim-send").addEventListener("click", () => {
    const own = document.getElementById("sim-own").value;
    return own.includes('"do"') ? act(own) : send("POST", own);
  });
  document.getElementById("sim-clear").addEventListener("click", async () => {
    await control(`${authority}/__control/clear`, "POST");
    await send("DELETE");
  });
  document.getElementById("sim-reload").addEventListener("click", () => location.reload());
  show();
})();
