import { asProblem, type Language, Problem } from "@/api/problem";

const shown = 5;

// What is wrong with which line, in the sentence itself: for places that have no fields beside which it could stand.
// names: of the lines that were sent, in their order.
export function withFields(error: unknown, language: Language, names: readonly string[] = []): unknown {
  const problem = asProblem(error);
  const fields = problem.body.fields ?? [];
  if (fields.length === 0) return error;
  const texts = fields.map((field) => {
    const place = /^lines\/(\d+)/.exec(field.field)?.[1];
    const name = place === undefined ? undefined : names[Number(place)];
    return `${name ? `${name}: ` : ""}${(language === "en" && field.message_en) || field.message}`;
  });
  const distinct = [...new Set(texts)];
  const text = distinct.slice(0, shown).join(" ") + (distinct.length > shown ? " …" : "");
  return new Problem({ ...problem.body, detail: text, detail_en: text }, problem.retryAfter);
}
