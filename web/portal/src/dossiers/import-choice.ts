import type { CellFault, ImportPreview } from "@/api/types";

export type ImportRow = ImportPreview["rows"][number];

// Which rows are taken: all that fit, less those that somebody took away. undefined stands for "all that fit" (the server knows them),
// so that ten thousand rows need not be listed.
export function chosenRows(rows: readonly ImportRow[], left: ReadonlySet<number>): number[] | undefined {
  if (left.size === 0) return undefined;
  return rows.filter((row) => row.compatible && !left.has(row.row)).map((row) => row.row);
}

export const chosenCount = (preview: Pick<ImportPreview, "rows_compatible">, left: ReadonlySet<number>) => Math.max(0, preview.rows_compatible - left.size);

// "C5"
export const cellName = (fault: Pick<CellFault, "row" | "column">) => `${fault.column}${fault.row}`;

// Faults of a row by cell, the worst first.
export function byCell(faults: readonly CellFault[]): { cell: string; title: string; value: string; faults: CellFault[] }[] {
  const cells = new Map<string, CellFault[]>();
  for (const fault of faults) cells.set(cellName(fault), [...(cells.get(cellName(fault)) ?? []), fault]);
  const rank = { block: 0, warn: 1, info: 2 };
  return [...cells].map(([cell, found]) => ({ cell, title: found[0]?.title ?? "", value: found[0]?.value ?? "", faults: found.sort((a, b) => rank[a.level] - rank[b.level]) }));
}
