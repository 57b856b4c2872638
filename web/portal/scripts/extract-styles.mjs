// Writes the style sheets of the Ant Design parts that the portal uses, in the portal's theme. style-src 'self' then suffices:
// at run time nothing creates a <style>.
//   core.css  what the first page and the public pages need
//   work.css  the rest, loaded with the pages of signed-in people
// A part that is used and not named here looks naked; tests/portal and the unit test "styles" notice.
import { createElement } from "react";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "vite";
import { extractStyle } from "@ant-design/static-style-extract";
import { ConfigProvider } from "antd";
import { core, work } from "./parts.mjs";

const generated = new URL("../src/generated/", import.meta.url);

async function readTheme() {
  const vite = await createServer({ configFile: false, logLevel: "error", server: { middlewareMode: true, ws: false }, optimizeDeps: { noDiscovery: true }, appType: "custom" });
  try {
    return (await vite.ssrLoadModule("/src/app/theme.ts")).theme;
  } finally {
    await vite.close();
  }
}

function styleOf(parts, theme) {
  return extractStyle({ includes: parts, customTheme: (node) => createElement(ConfigProvider, { theme: { ...theme, zeroRuntime: false } }, node) });
}

// Rules at the outermost level, each with its body.
function rulesOf(css) {
  const rules = [];
  let depth = 0, start = 0;
  for (let i = 0; i < css.length; ++i) {
    if (css[i] === "{") ++depth;
    else if (css[i] === "}" && --depth === 0) {
      rules.push(css.slice(start, i + 1).trim());
      start = i + 1;
    }
  }
  return rules;
}

// Right-to-left variants, and the variables of themes inside Ant Design's own examples: the portal has neither.
function isForeign(rule) {
  const selector = rule.slice(0, rule.indexOf("{"));
  return selector.startsWith(".css-var-_") || (!selector.startsWith("@") && selector.split(",").every((part) => part.includes("-rtl")));
}

function distinct(rules, known) {
  return rules.filter((rule) => {
    if (known.has(rule) || isForeign(rule)) return false;
    known.add(rule);
    return true;
  });
}

const theme = await readTheme();
const known = new Set();
const warn = console.warn, error = console.error;
const silent = () => undefined;
console.warn = console.error = silent; // what Ant Design says about its own examples
const first = distinct(rulesOf(styleOf(core, theme)), known);
const rest = distinct(rulesOf(styleOf([...core, ...work], theme)), known);
console.warn = warn;
console.error = error;
mkdirSync(generated, { recursive: true });
writeFileSync(new URL("core.css", generated), first.join("\n"));
writeFileSync(new URL("work.css", generated), rest.join("\n"));
console.log(`styles: core ${first.length} rules, work ${rest.length} rules`);
