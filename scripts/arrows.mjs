// Refuses dependencies between crates that the architecture does not allow. Reads what
// `cargo metadata --no-deps --format-version 1` prints, and names each wrong arrow.

import { readFileSync } from "node:fs";

// Which of our crates a crate may use. docs/ARCHITECTURE.md says why.
const ALLOWED = {
  "crmap-domain": [],
  "crmap-crm": ["crmap-domain"],
  "crmap-bitrix": ["crmap-crm", "crmap-domain"],
  "crmap-store": ["crmap-domain"],
  "crmap-service": ["crmap-crm", "crmap-domain", "crmap-store"],
  "crmap-export": ["crmap-domain"],
  "crmap-app": ["crmap-domain", "crmap-service"],
  "crmap-frontend": ["crmap-app"],
  "crmap-frontend-cabinet": ["crmap-app"],
  "crmap-server": ["crmap-app", "crmap-bitrix", "crmap-crm", "crmap-domain", "crmap-export", "crmap-service", "crmap-store"],
  // A process for crash tests: the use cases as the server puts them together, and nothing else.
  "crmap-crashbox": ["crmap-bitrix", "crmap-crm", "crmap-domain", "crmap-service", "crmap-store"],
  // It meets the server as the world does: over the wire.
  "crmap-load": ["portal-sim"],
  // Hostile input for the tests of parsers, whoever owns them.
  "crmap-fuzz": [],
  // What both sides shared by mistake, no test would find.
  "portal-sim": [],
};

// Arrows that exist on the server's side alone.
const OPTIONAL = { "crmap-app": ["axum", "crmap-service", "leptos_axum"] };

// Libraries that belong to a few crates; tests may use them anywhere.
const KEPT_IN = {
  argon2: ["crmap-service"],
  axum: ["crmap-app", "crmap-server", "portal-sim"],
  csv: ["crmap-export"],
  lettre: ["crmap-server"],
  reqwest: ["crmap-bitrix"],
  sqlx: ["crmap-store"],
  zip: ["crmap-export"],
};

// Features that would put one side's code into the other.
const FORBIDDEN_FEATURES = {
  "crmap-frontend": ["ssr"],
  "crmap-frontend-cabinet": ["ssr"],
  "crmap-server": ["hydrate"],
};

const { packages } = JSON.parse(readFileSync(0, "utf8"));
const ours = new Set(packages.map((crate) => crate.name));
const wrong = packages.flatMap((crate) => [...unknown(crate), ...crate.dependencies.flatMap((to) => problems(crate, to))]);
for (const line of wrong) console.error(`  ${line}`);
process.exit(wrong.length ? 1 : 0);

function unknown(crate) {
  return crate.name in ALLOWED ? [] : [`${crate.name} is new: say in scripts/arrows.mjs what it may use`];
}

function problems(crate, to) {
  const found = [];
  const arrow = `${crate.name} → ${to.name}`;
  const inTestsOnly = to.kind === "dev";
  if (ours.has(to.name) && !mayUse(crate.name, to.name, inTestsOnly)) {
    found.push(`${arrow} is not allowed; ${crate.name} may use ${ALLOWED[crate.name]?.join(", ") || "no crate of ours"}`);
  }
  if (!inTestsOnly && OPTIONAL[crate.name]?.includes(to.name) && !to.optional) {
    found.push(`${arrow} must be optional, switched on by the feature \`ssr\``);
  }
  if (!inTestsOnly && KEPT_IN[to.name] && !KEPT_IN[to.name].includes(crate.name)) {
    found.push(`${arrow} is not allowed; ${to.name} stays within ${KEPT_IN[to.name].join(", ")}`);
  }
  for (const feature of FORBIDDEN_FEATURES[crate.name] ?? []) {
    if (to.features.includes(feature)) found.push(`${arrow} must not switch on \`${feature}\``);
  }
  return found;
}

function mayUse(from, to, inTestsOnly) {
  // Tests may switch on more of the crate itself, use the CRM in memory, the simulated cloud and
  // hostile input.
  if (inTestsOnly && [from, "crmap-crm", "crmap-fuzz", "portal-sim"].includes(to)) return true;
  return ALLOWED[from]?.includes(to) ?? false;
}
