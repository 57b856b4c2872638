import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "@playwright/test";

// Whole stories in a browser against a real portal: stories-setup.ts makes and starts one, unless KYSO_PORTAL (its address) and
// KYSO_PORTAL_FOLDER (made by tools/demo-portal) tell of one that runs.
const chromium = process.env.KYSO_CHROMIUM ?? "/usr/bin/chromium";
// Each run has a folder of its own, which tools/browser-tests removes: Playwright empties outputDir when it begins, and several
// stories may run at once.
process.env.KYSO_STORIES ??= mkdtempSync(join(tmpdir(), "kyso-stories-"));

export default defineConfig({
  testDir: ".",
  testMatch: "story-*.spec.ts",
  outputDir: join(process.env.KYSO_STORIES, "output"),
  globalSetup: "./stories-setup.ts",
  workers: 1,
  // For machines that are busy with other things too.
  timeout: 600_000,
  expect: { timeout: 60_000 },
  forbidOnly: true,
  reporter: [["list"]],
  use: {
    locale: "vi-VN",
    timezoneId: "Asia/Ho_Chi_Minh",
    viewport: { width: 1366, height: 768 },
    actionTimeout: 60_000,
    launchOptions: { executablePath: existsSync(chromium) ? chromium : undefined, args: ["--no-sandbox", "--disable-dev-shm-usage"] },
  },
});
