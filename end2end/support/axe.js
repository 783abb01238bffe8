// What axe says of a page, where nothing serious may be wrong and smaller things are printed, and how
// the page is built.

import AxeBuilder from "@axe-core/playwright";
import { expect } from "@playwright/test";
import { frameOf } from "./story.js";
import { examineStructure } from "./structure.js";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

// Reads the frame alone: the portal around it is not ours.
export async function examine(page) {
  await look(page, ["#app-frame", "html"]);
  await examineStructure(await frameOf(page));
}

// Reads a page that stands alone.
export async function examineWhole(page) {
  await look(page, "html");
  await examineStructure(page);
}

async function look(page, where) {
  const { violations } = await new AxeBuilder({ page }).include(where).withTags(RULES).analyze();
  const isSerious = ({ impact }) => ["serious", "critical"].includes(impact);
  const minor = violations.filter((violation) => !isSerious(violation)).flatMap(lines);
  if (minor.length) console.log(minor.join("\n"));
  expect(violations.filter(isSerious).flatMap(lines)).toEqual([]);
}

function lines({ id, impact, nodes }) {
  const why = (node) => node.failureSummary?.split("\n").slice(1).join(" ");
  return nodes.map((node) => `${impact} ${id}: ${node.target.join(" ")} – ${why(node)}`);
}
