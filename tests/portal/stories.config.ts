import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "@playwright/test";

// Whole stories in a browser against a real portal: stories-setup.ts makes and starts one, unless KYSO_PORTAL (its address) and
// KYSO_PORTAL_FOLDER (made by tools/demo-portal) tell of one that runs.
const chromium = process.env.KYSO_CHROMIUM ?? "/usr/bin/chromium";

export default defineConfig({
  testDir: ".",
  testMatch: "story-*.spec.ts",
  outputDir: fileURLToPath(new URL("../../build/portal-stories", import.meta.url)),
  globalSetup: "./stories-setup.ts",
  workers: 1,
  timeout: 240_000,
  expect: { timeout: 20_000 },
  forbidOnly: true,
  reporter: [["list"]],
  use: {
    locale: "vi-VN",
    timezoneId: "Asia/Ho_Chi_Minh",
    viewport: { width: 1366, height: 768 },
    actionTimeout: 15_000,
    launchOptions: { executablePath: existsSync(chromium) ? chromium : undefined, args: ["--no-sandbox", "--disable-dev-shm-usage"] },
  },
});
