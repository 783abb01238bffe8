// How the pictures of the manual are taken: by the browser and the fonts of the pictures that are kept, one
// after the other.

import stories from "./playwright.config.js";

const kept = stories.projects.find(({ name }) => name === "pictures");

export default {
  ...stories,
  outputDir: "test-results/manual",
  workers: 1,
  fullyParallel: false,
  timeout: 240_000,
  expect: { timeout: 20_000 },
  reporter: [["list"]],
  projects: [{ name: "manual", testDir: "manual", use: kept.use }],
};
