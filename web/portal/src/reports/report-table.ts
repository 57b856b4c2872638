import type { Language } from "@/api/problem";
import type { ReportTable } from "@/api/types";
import { formatDate, formatNumber } from "@/lib/format";
import type { ChartSeries } from "@/ui/chart";

type Cell = ReportTable["rows"][number][number];
type Kind = ReportTable["columns"][number]["kind"];

export function cellText(cell: Cell, kind: Kind, language: Language): string {
  if (cell === null || cell === undefined) return "";
  if (kind === "date") return formatDate(String(cell));
  if (typeof cell === "number") return kind === "percent" ? `${formatNumber(cell, language)} %` : formatNumber(cell, language);
  return cell;
}

const mostBars = 40, mostSeries = 6;

// What can be drawn: rows with a name in front and counts behind it. Percentages have another scale and stay in the table, and so do
// lists of single certificates.
export function chartSeries(table: ReportTable, language: Language): ChartSeries[] {
  const [first, ...rest] = table.columns;
  if (!first || (first.kind !== "text" && first.kind !== "date") || rest.some((column) => column.kind === "text" || column.kind === "date")) return [];
  if (table.rows.length < 2 || table.rows.length > mostBars) return [];
  return table.columns
    .flatMap((column, at) => (column.kind === "number" ? [{ column, at }] : []))
    .slice(0, mostSeries)
    .map(({ column, at }) => ({ name: language === "en" ? column.title_en : column.title, points: table.rows.map((row) => ({ label: cellText(row[0] ?? null, first.kind, language), value: Number(row[at] ?? 0) })) }));
}
