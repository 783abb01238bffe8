// Opens the application the way a portal does: takes the form out of the simulated portal's page
// and posts it. As a command, `node opening.mjs PORTAL_URL` says what came of it.

import { pathToFileURL } from "node:url";

// The form that the portal's page would post: its address and its fields.
export async function openingForm(portalUrl, query = {}) {
  const page = new URL("/marketplace/app/5/", portalUrl);
  for (const [name, value] of Object.entries(query)) page.searchParams.set(name, value);
  const answer = await fetch(page);
  if (!answer.ok) throw new Error(`${page} answered ${answer.status}`);
  const [, tag, inside] = (await answer.text()).match(/<form id="opening-form"([^>]*)>(.*?)<\/form>/s);
  const fields = [...inside.matchAll(/name="([^"]*)" value="([^"]*)"/g)];
  return {
    action: unescape(tag.match(/action="([^"]*)"/)[1]),
    fields: fields.map(([, name, value]) => [unescape(name), unescape(value)]),
  };
}

// Posts the form as a browser would.
export function post({ action, fields }) {
  return fetch(action, { method: "POST", body: new URLSearchParams(fields) });
}

function unescape(text) {
  const signs = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };
  return text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name) => signs[name]);
}

async function main(portalUrl) {
  const answer = await post(await openingForm(portalUrl));
  const page = await answer.text();
  const rows = page.match(/<tr[^>]* data-id="/g)?.length ?? 0;
  console.error(`  ${portalUrl}: status ${answer.status}, ${page.length} characters, ${rows} rows`);
  if (answer.status !== 200 || !page.includes('role="tab"')) process.exit(1);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await main(process.argv[2]);
