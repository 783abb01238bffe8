// The control interface of the simulated cloud.

import { CLOUD, portalUrl } from "./places.js";

// What the cloud says of a portal: its people, webhooks, member_id.
export async function describe(number) {
  const portals = await (await fetch(`${CLOUD}/__control/portals`)).json();
  return portals.find((portal) => portal.number === number);
}

// A portal whose faults a story may switch on.
export class TroubledPortal {
  constructor(number) {
    this.number = number;
  }

  async suffer(fault) {
    const answer = await this.#control("faults", "POST", JSON.stringify(fault));
    if (!answer.ok) throw new Error(`The portal does not know this fault: ${await answer.text()}`);
  }

  recover() {
    return this.#control("faults", "DELETE");
  }

  // The requests that the portal has seen since the log was cleared.
  async requests() {
    return (await this.#control("requests", "GET")).json();
  }

  forgetRequests() {
    return this.#control("requests", "DELETE");
  }

  // Lets something happen to the portal.
  async perform(action) {
    const answer = await this.#control("do", "POST", JSON.stringify(action));
    if (!answer.ok) throw new Error(`The portal cannot do this: ${await answer.text()}`);
  }

  // The truth about the portal.
  async world() {
    return (await this.#control("world", "GET")).json();
  }

  async state() {
    return (await this.#control("state", "GET")).json();
  }

  // The deliveries since they were forgotten, whatever came of them.
  async events() {
    return (await this.#control("events", "GET")).json();
  }

  // The deliveries of an event since they were forgotten, as «how it came out, with which status».
  async deliveries(event) {
    return (await this.events()).filter((one) => one.event === event).map(({ state, status }) => `${state} ${status}`);
  }

  forgetDeliveries() {
    return this.#control("events", "DELETE");
  }

  // Fresh tokens of the employee, as the portal's page gives them to its frame.
  async employeeTokens() {
    const { users } = await describe(this.number);
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ user: users.employee });
    const answer = await fetch(`${portalUrl(this.number)}/page/tokens`, { method: "POST", headers, body });
    return answer.json();
  }

  #control(what, method, body) {
    return fetch(`${portalUrl(this.number)}/__control/${what}`, { method, body });
  }
}

// A portal on which the application comes and goes; it starts without.
export class LivingPortal extends TroubledPortal {
  async beginAnew() {
    await this.perform({ do: "subscription", active: true });
    // Only an application that was finished says farewell.
    await this.perform({ do: "finish_install" });
    await this.perform({ do: "uninstall", clean: true });
    await this.recover();
    await this.#settled();
    await this.forgetRequests();
    await this.forgetDeliveries();
  }

  // The application has heard what the portal had to say.
  async #settled() {
    const isUnderWay = ({ state }) => state === "waiting";
    while ((await this.events()).some(isUnderWay)) await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export const latency = (ms) => ({ kind: "latency", ms });
export const clipboardRefused = { kind: "clipboard", allowed: false };
export const everyAnswer = (effect) => ({ kind: "answer", effect });
export const error = (status, error, description) => ({ effect: "error", status, error, description });
export const unpaid = everyAnswer(error(403, "ACCESS_DENIED", "REST API is available only on commercial plans"));
