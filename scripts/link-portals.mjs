// Links portals of the simulated cloud to a cabinet, as their administrators would, by way of a proxy:
// `node link-portals.mjs SITE AUTHORITY CLOUD_PORT COUNT DASHBOARD`. AUTHORITY is the certificate to be
// believed, DASHBOARD a page of the cabinet, out of which the connection token is taken. Prints how
// many were linked. Asks by curl, which knows where names below `localhost` are.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

import { openingForm } from "./opening.mjs";

const [site, authority, cloudPort, count, dashboard] = process.argv.slice(2);
const token = islandOf(readFileSync(dashboard, "utf8"))
  .toString("latin1")
  .match(/crmap_[0-9A-Za-z]{30}_[0-9A-Za-z]{6}/)[0];
let linked = 0;
for (let number = 1; number <= Number(count); number++) {
  const status = await patiently(() => link(`http://127.0.0.${number + 1}:${cloudPort}/`));
  if (status === "200") linked++;
  else console.error(`portal ${number} was not linked: ${status}`);
}
console.log(linked);

// On a busy machine a portal may take longer to answer than it is waited for.
async function patiently(ask) {
  for (let tries = 1; ; tries++) {
    const status = await ask();
    if (status !== "503" || tries === 4) return status;
    await new Promise((resolve) => setTimeout(resolve, 2000));
  }
}

// Opens the application in the portal, and sends what «Настройки» would; gives the status.
async function link(portal) {
  const { action, fields } = await openingForm(portal);
  const page = curl(action, String(new URLSearchParams(fields)), ["--header", `Origin: ${new URL(portal).origin}`]);
  const island = islandOf(page.toString());
  // The language, then the length of the bearer and itself.
  const bearer = island.toString("latin1", 2, 2 + island[1]);
  // The third thing that can be asked: that the portal be linked, to be read.
  const asked = Buffer.concat([Buffer.from([2, token.length]), Buffer.from(token), Buffer.from([0])]);
  const headers = [`Origin: ${site}`, `Authorization: Bearer ${bearer}`, "Content-Type: application/x-postcard"];
  const options = [...headers.flatMap((header) => ["--header", header]), "--output", "/dev/null", "--write-out", "%{http_code}"];
  return curl(`${site}/api/cabinets`, asked, options).toString();
}

function curl(address, body, options) {
  const common = ["--silent", "--show-error", "--max-time", "60", "--cacert", authority, "--data-binary", "@-"];
  return execFileSync("curl", [...common, ...options, address], { input: body, maxBuffer: 1 << 28 });
}

function islandOf(page) {
  return Buffer.from(page.match(/id="crmap-data">([^<]*)</)[1], "base64");
}
