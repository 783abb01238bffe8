// How the pictures of the manual are taken: by the browser of the pictures that are kept and with their
// family of fonts, but smoothed; one after the other.

import { fileURLToPath } from "node:url";
import stories from "./playwright.config.js";

const kept = stories.projects.find(({ name }) => name === "pictures");
const FONTCONFIG_FILE = fileURLToPath(new URL("manual/fonts.conf", import.meta.url));
const { launchOptions } = kept.use;
const use = { ...kept.use, launchOptions: { ...launchOptions, env: { ...launchOptions.env, FONTCONFIG_FILE } } };

export default {
  ...stories,
  outputDir: "test-results/manual",
  workers: 1,
  fullyParallel: false,
  timeout: 240_000,
  expect: { timeout: 20_000 },
  reporter: [["list"]],
  projects: [{ name: "manual", testDir: "manual", use }],
};
