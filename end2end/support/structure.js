// How a page is built, for those who do not see it: what axe leaves open. One heading of the first
// level and no level skipped, landmarks with names of their own, tables with captions, what is current
// is said, no order of Tab but that of the page, and whatever refers to something finds it.

import { expect } from "@playwright/test";

// Reads the document of a page or of a frame.
export async function examineStructure(where) {
  expect(await where.locator("html").evaluate(flaws)).toEqual([]);
}

function flaws(root) {
  const found = [];
  const all = (selector) => [...root.querySelectorAll(selector)];
  const isSeen = (element) => element.checkVisibility({ visibilityProperty: true });
  const told = (element) => element.outerHTML.slice(0, 120);

  const first = all("h1").filter(isSeen);
  if (first.length !== 1) found.push(`${first.length} headings of the first level`);
  let before = 0;
  for (const heading of all("h1, h2, h3, h4, h5, h6").filter((one) => isSeen(one) && !one.closest("dialog"))) {
    const level = Number(heading.tagName[1]);
    if (level > before + 1) found.push(`a level is skipped before ${told(heading)}`);
    before = level;
  }
  if (all("main").filter(isSeen).length !== 1) found.push("not one main");
  for (const selector of ["nav", "section[aria-labelledby], [role=region]", "[role=search], search"]) {
    const names = all(selector).filter(isSeen).map(nameOf);
    for (const [index, name] of names.entries()) {
      if (!name) found.push(`${selector} without a name`);
      else if (names.indexOf(name) !== index) found.push(`two ${selector} named «${name}»`);
    }
  }
  for (const table of all("table").filter(isSeen)) {
    if (!table.caption?.textContent.trim() && !nameOf(table)) found.push(`no caption: ${told(table)}`);
  }
  for (const element of all("[tabindex]")) {
    if (Number(element.getAttribute("tabindex")) > 0) found.push(`an order of its own: ${told(element)}`);
  }
  for (const name of ["aria-labelledby", "aria-describedby", "aria-controls", "aria-activedescendant", "for"]) {
    for (const element of all(`[${name}]`).filter(isSeen)) {
      for (const id of element.getAttribute(name).split(/\s+/).filter(Boolean)) {
        if (!root.ownerDocument.getElementById(id)) found.push(`${name}=${id} finds nothing: ${told(element)}`);
      }
    }
  }
  const ids = all("[id]").map((element) => element.id);
  for (const id of new Set(ids.filter((id, index) => ids.indexOf(id) !== index))) found.push(`two with the id ${id}`);
  return found;

  function nameOf(element) {
    const by = element.getAttribute("aria-labelledby");
    const words = by ? by.split(/\s+/).map((id) => root.ownerDocument.getElementById(id)?.textContent ?? "") : [];
    return (element.getAttribute("aria-label") ?? words.join(" ")).trim();
  }
}
