// Packs the site: `node pack-site.mjs SCRIPT WASM CABINET-SCRIPT CABINET-WASM OUT`, the first two
// for the application inside a portal. Bundles the styles, minifies the scripts, names all after
// their content, copies public/, compresses all text ahead of time and writes the manifest
// assets.json. OUT is replaced in one go, so that it never holds half a site.

import { createHash } from "node:crypto";
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, extname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const { build } = createRequire(join(root, "end2end/package.json"))("esbuild");

// What compression makes smaller; images of other kinds are compressed in themselves.
const COMPRESSIBLE = new Set([".css", ".html", ".js", ".json", ".svg", ".txt", ".wasm", ".webmanifest", ".xml"]);

const [script, wasm, cabinetScript, cabinetWasm, out] = process.argv.slice(2);
await pack({ script, wasm }, { script: cabinetScript, wasm: cabinetWasm }, out);

async function pack(portal, cabinet, out) {
  const fresh = `${out}.unfinished`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(join(fresh, "pkg"), { recursive: true });
  await cp(join(root, "public"), fresh, { recursive: true });
  const assets = {
    js: await place(fresh, "crmap", "js", await bundled(portal.script, { format: "esm" })),
    wasm: await place(fresh, "crmap", "wasm", await readFile(portal.wasm)),
    cabinet_js: await place(fresh, "cabinet", "js", await bundled(cabinet.script, { format: "esm" })),
    cabinet_wasm: await place(fresh, "cabinet", "wasm", await readFile(cabinet.wasm)),
    css: await place(fresh, "crmap", "css", await bundled(join(root, "style/main.css"))),
    cabinet_css: await place(fresh, "cabinet", "css", await bundled(join(root, "style/cabinet.css"))),
  };
  await compressAll(fresh);
  await writeFile(join(fresh, "assets.json"), `${JSON.stringify(assets, null, 2)}\n`);
  await replace(fresh, out);
}

// One minified file of everything that `entry` imports.
async function bundled(entry, options = {}) {
  const result = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    legalComments: "none",
    logLevel: "warning",
    ...options,
  });
  return Buffer.from(result.outputFiles[0].contents);
}

// Writes a built file under a name made of its content; gives its address.
async function place(site, name, extension, content) {
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 16);
  const address = `/pkg/${name}-${hash}.${extension}`;
  await writeFile(join(site, address), content);
  return address;
}

async function compressAll(site) {
  const files = await readdir(site, { recursive: true, withFileTypes: true });
  const texts = files
    .filter((file) => file.isFile() && COMPRESSIBLE.has(extname(file.name)))
    .map((file) => join(file.parentPath ?? file.path, file.name));
  for (const line of await Promise.all(texts.sort().map((file) => compress(site, file)))) {
    console.error(line);
  }
}

async function compress(site, file) {
  const content = await readFile(file);
  const [brotli, gzipped] = await Promise.all([
    promisify(brotliCompress)(content, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
        [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
        [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
      },
    }),
    promisify(gzip)(content, { level: constants.Z_BEST_COMPRESSION }),
  ]);
  // A small file may grow; then it is served as it is.
  if (brotli.length < content.length) await writeFile(`${file}.br`, brotli);
  if (gzipped.length < content.length) await writeFile(`${file}.gz`, gzipped);
  const columns = [content.length, brotli.length, gzipped.length].map((size) => String(size).padStart(9));
  return `${columns.join("")}  ${relative(site, file)} (raw, brotli, gzip)`;
}

async function replace(fresh, out) {
  const old = `${out}.old`;
  await rm(old, { recursive: true, force: true });
  await rename(out, old).catch((error) => {
    if (error.code !== "ENOENT") throw error;
  });
  await rename(fresh, out);
  await rm(old, { recursive: true, force: true });
}
