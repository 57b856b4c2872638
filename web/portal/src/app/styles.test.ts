import { describe, expect, it } from "vitest";
import { core, work } from "../../scripts/parts.mjs";

// The sources as text; parts whose style comes with another's, or which have none.
const sources = import.meta.glob<string>("../**/*.{ts,tsx}", { query: "?raw", import: "default", eager: true });
const unstyled = new Set(["ConfigProvider", "Grid"]);

function partsOf(source: string): string[] {
  return [...source.matchAll(/import\s*\{([^}]*)\}\s*from\s*"antd"/g)].flatMap(([, names = ""]) =>
    names.split(",").map((name) => name.trim()).filter((name) => name && !name.startsWith("type ")).map((name) => name.split(" as ")[0]!),
  );
}

describe("styles of Ant Design's parts", () => {
  for (const [file, source] of Object.entries(sources)) {
    const parts = partsOf(source).filter((part) => !unstyled.has(part));
    if (parts.length === 0 || file.endsWith(".test.tsx")) continue;
    it(`are built for ${file}`, () => {
      for (const part of parts) expect([...core, ...work], `name ${part} in scripts/parts.mjs`).toContain(part);
      const isPublic = /\/(?:ui|public|layout|account)\//.test(file) && !/work-menu/.test(file);
      const needed = parts.filter((part) => work.includes(part));
      if (isPublic && needed.length > 0) expect(source, `${needed.join(", ")} of a public page`).toContain('import "@/generated/work.css"');
    });
  }
});
