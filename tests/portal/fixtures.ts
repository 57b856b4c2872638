import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import AxeBuilder from "@axe-core/playwright";
import { test as base, expect, type Page, type TestInfo } from "@playwright/test";

export const pictures = fileURLToPath(new URL("../../build/portal-pictures/", import.meta.url));

// What sticks to an edge of the window would lie across a picture of the whole page. The policy permits no style element, which is
// what Playwright's own `style` is.
export async function pictureWhole(page: Page, path: string) {
  await page.evaluate(() => {
    const loose = new CSSStyleSheet();
    loose.replaceSync(".k-work-head, .k-side-stick, .k-connection, .d-bar-sticky, .d-side-column { position: static !important }");
    document.adoptedStyleSheets.push(loose);
  });
  await page.screenshot({ path, fullPage: true });
  await page.evaluate(() => void document.adoptedStyleSheets.pop());
}

interface Portal {
  page: Page;
  // Keeps a picture in build/portal-pictures and looks for accessibility findings; serious ones fail the test.
  look: (name: string, options?: { full?: boolean }) => Promise<void>;
}

// A list that collects what no page may do: errors in the console, and what the Content-Security-Policy had to refuse.
export function watch(page: Page, faults: string[]) {
  page.on("console", (message) => {
    const text = message.text();
    const isRefused = /Content Security Policy|violates/i.test(text);
    // "Failed to load resource" is the browser's remark on an answer that the page itself handles.
    if ((message.type() === "error" && !/^Failed to load resource/.test(text)) || isRefused) faults.push(text);
  });
  page.on("pageerror", (error) => faults.push(String(error)));
}

// A picture of the page as it is now in build/portal-pictures, and a look for accessibility findings; serious ones fail the test.
export async function lookAt(page: Page, name: string, info: TestInfo, { full = true } = {}) {
  mkdirSync(dirname(`${pictures}${name}`), { recursive: true });
  // What moves comes to rest, but for what turns as long as somebody waits.
  await page.waitForFunction(() => document.getAnimations().every(({ playState, effect }) => playState !== "running" || effect?.getComputedTiming().endTime === Infinity));
  const path = `${pictures}${name}.png`;
  await (full ? pictureWhole(page, path) : page.screenshot({ path }));
  // In the page itself, which has no frames; further rows of a table are like the first.
  const axe = new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]).setLegacyMode().exclude("tbody > tr:nth-child(n+4)");
  // What lies behind a modal dialog is out of reach for everybody.
  const modal = "[role=dialog][aria-modal=true]";
  if (await page.locator(modal).filter({ visible: true }).count()) axe.include(modal);
  const { violations } = await axe.analyze();
  const told = violations.map(({ id, impact, help, nodes }) => `${impact}: ${id}: ${help}\n    ${nodes.slice(0, 5).map((node) => node.html.slice(0, 200)).join("\n    ")}`);
  if (told.length > 0) {
    await info.attach(`axe-${name}`, { body: told.join("\n"), contentType: "text/plain" });
    console.log(`axe on ${name}:\n  ${told.join("\n  ")}`);
  }
  expect(violations.filter(({ impact }) => impact === "serious" || impact === "critical").map(({ id }) => id), `accessibility of ${name}`).toEqual([]);
}

// Every page that a test opens: no error in the console, nothing that the Content-Security-Policy had to refuse.
export const test = base.extend<{ portal: Portal; watched: Page; expectedErrors: RegExp[] }>({
  expectedErrors: [[], { option: true }],
  watched: async ({ page, expectedErrors }, use) => {
    const faults: string[] = [];
    watch(page, faults);
    await use(page);
    expect(faults.filter((fault) => !expectedErrors.some((expected) => expected.test(fault)))).toEqual([]);
  },
  portal: async ({ watched }, use, info) => {
    await use({
      page: watched,
      look: async (name, options) => {
        await watched.waitForLoadState("networkidle");
        await lookAt(watched, name, info, options);
      },
    });
  },
});
export { expect };
