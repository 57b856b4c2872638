import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "@playwright/test";

// The built pages with a mocked interface. pages-setup.ts serves them and tells where.
const chromium = process.env.KYSO_CHROMIUM ?? "/usr/bin/chromium";
// Each run has a folder of its own: Playwright empties outputDir when it begins, and several runs may go on at once.
process.env.KYSO_STORIES ??= mkdtempSync(join(tmpdir(), "kyso-pages-"));

export default defineConfig({
  testDir: ".",
  testMatch: "**/*.mock.spec.ts",
  outputDir: join(process.env.KYSO_STORIES, "output"),
  globalSetup: "./pages-setup.ts",
  // Two cores: one browser at a time.
  workers: 1,
  // For machines that are busy with other things too.
  timeout: 300_000,
  expect: { timeout: 60_000 },
  forbidOnly: true,
  reporter: [["list"]],
  use: {
    baseURL: process.env.KYSO_PAGES,
    locale: "vi-VN",
    timezoneId: "Asia/Ho_Chi_Minh",
    viewport: { width: 1366, height: 768 },
    actionTimeout: 60_000,
    launchOptions: { executablePath: existsSync(chromium) ? chromium : undefined, args: ["--no-sandbox", "--disable-dev-shm-usage"] },
  },
});
