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

  #control(what, method, body) {
    return fetch(`${portalUrl(this.number)}/__control/${what}`, { method, body });
  }
}

export const latency = (ms) => ({ kind: "latency", ms });
export const clipboardRefused = { kind: "clipboard", allowed: false };
export const everyAnswer = (effect) => ({ kind: "answer", effect });
export const error = (status, error, description) => ({ effect: "error", status, error, description });
export const unpaid = everyAnswer(error(403, "ACCESS_DENIED", "REST API is available only on commercial plans"));
