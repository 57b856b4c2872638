import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "@playwright/test";

const root = fileURLToPath(new URL("../../", import.meta.url));
const chromium = process.env.KYSO_CHROMIUM ?? "/usr/bin/chromium";
// A running kysod's address, or nothing: then the built pages are served here and only the tests with a mocked interface run.
const portal = process.env.KYSO_PORTAL;
const port = Number(process.env.KYSO_PORTAL_PORT ?? 4173);

export default defineConfig({
  testDir: ".",
  testMatch: portal ? "**/*.spec.ts" : "**/*.mock.spec.ts",
  outputDir: `${root}build/portal-tests`,
  // Two cores: one browser at a time.
  workers: 1,
  timeout: 60_000,
  forbidOnly: true,
  reporter: [["list"]],
  use: {
    baseURL: portal ?? `http://localhost:${port}`,
    locale: "vi-VN",
    timezoneId: "Asia/Ho_Chi_Minh",
    viewport: { width: 1366, height: 768 },
    launchOptions: { executablePath: existsSync(chromium) ? chromium : undefined, args: ["--no-sandbox", "--disable-dev-shm-usage"] },
    trace: "retain-on-failure",
  },
  webServer: portal
    ? undefined
    : { command: `node static-server.mjs ${process.env.KYSO_WEB_OUT ?? `${root}build/web/portal`} ${port}`, url: `http://localhost:${port}/`, reuseExistingServer: false },
});
