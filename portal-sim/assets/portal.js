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

  const send = async (method, body) => {
    await fetch("/__control/faults", { method, body });
    await show();
  };

  for (const button of document.querySelectorAll("[data-fault]")) {
    button.addEventListener("click", () => send("POST", button.dataset.fault));
  }
  for (const button of document.querySelectorAll("[data-do]")) {
    button.addEventListener("click", async () => {
      await fetch("/__control/do", { method: "POST", body: button.dataset.do });
      location.reload();
    });
  }
  document.getElementById("sim-clear").addEventListener("click", () => send("DELETE"));
  document.getElementById("sim-reload").addEventListener("click", () => location.reload());
  show();
})();
