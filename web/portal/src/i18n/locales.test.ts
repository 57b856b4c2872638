import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";

const files = import.meta.glob<Record<string, unknown>>("./locales/*/*.json", { import: "default", eager: true });
const sources = import.meta.glob<string>("../**/*.{ts,tsx}", { query: "?raw", import: "default", eager: true });

function leaves(value: unknown, path = ""): Map<string, string> {
  if (typeof value === "string") return new Map([[path, value]]);
  const found = new Map<string, string>();
  for (const [key, inner] of Object.entries(value as Record<string, unknown>)) for (const leaf of leaves(inner, path ? `${path}.${key}` : key)) found.set(...leaf);
  return found;
}
const namespaces = Object.keys(files).filter((file) => file.includes("/vi/")).map((file) => /(\w+)\.json$/.exec(file)![1]!);
const textsOf = (language: string, namespace: string) => leaves(files[`./locales/${language}/${namespace}.json`] ?? {});
const places = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name).sort();

describe("texts", () => {
  it.each(namespaces)("%s: both languages say the same things", (namespace) => {
    const vi = textsOf("vi", namespace), en = textsOf("en", namespace);
    expect([...en.keys()].sort()).toEqual([...vi.keys()].sort());
    for (const [key, text] of vi) {
      expect(text.trim(), key).not.toBe("");
      expect(places(en.get(key)!), key).toEqual(places(text));
      expect(text, `${key} is composed (NFC)`).toBe(text.normalize("NFC"));
    }
  });
  it("name every notice that is sent", () => {
    const kinds = readdirSync("../../share/notices").flatMap((file) => /^([\w.]+)\.vi\.txt$/.exec(file)?.[1] ?? []);
    const named = [...textsOf("vi", "administration").keys()].flatMap((key) => /^outbox\.kinds\.(.+)$/.exec(key)?.[1] ?? []);
    expect(named.sort()).toEqual(kinds.sort());
  });
  it("that pages ask for are there", () => {
    const missing: string[] = [];
    for (const [file, source] of Object.entries(sources)) {
      if (/\.test\.tsx?$/.test(file)) continue;
      const translators = [...source.matchAll(/const \{ t(?:: (\w+))?(?:, i18n)? \} = useTranslation\((?:"(\w+)")?\)/g)];
      const byName = new Map<string, Set<string>>();
      for (const [, name = "t", namespace = "common"] of translators) byName.set(name, (byName.get(name) ?? new Set()).add(namespace));
      for (const [name, namespacesHere] of byName)
        for (const [, key = ""] of source.matchAll(new RegExp(`\\b${name}\\("([\\w.-]+)"`, "g")))
          if (![...namespacesHere].some((namespace) => textsOf("vi", namespace).has(key))) missing.push(`${file}: ${key}`);
    }
    expect(missing).toEqual([]);
  });
});
