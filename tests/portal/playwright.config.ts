import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "@playwright/test";

// The built pages with a mocked interface. pages-setup.ts serves them and tells where.
const chromium = process.env.KYSO_CHROMIUM ?? "/usr/bin/chromium";

export default defineConfig({
  testDir: ".",
  testMatch: "**/*.mock.spec.ts",
  outputDir: fileURLToPath(new URL("../../build/portal-tests", import.meta.url)),
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
    trace: "retain-on-failure",
  },
});
