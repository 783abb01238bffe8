// What axe says of a page: nothing serious may be wrong; smaller things are printed.

import AxeBuilder from "@axe-core/playwright";
import { expect } from "@playwright/test";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

// Reads the frame alone: the portal around it is not ours.
export const examine = (page) => look(page, ["#app-frame", "html"]);

// Reads a page that stands alone.
export const examineWhole = (page) => look(page, "html");

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
