import type { Dashboard } from "@/api/types";
import type { ChartProps, ChartSeries } from "@/ui/chart";

type Series = Dashboard["series"][number];
export interface DashboardChart {
  name: string; // of its title
  kind: ChartProps["kind"];
  series: ChartSeries[];
}

// Dossiers by month are one picture, one colour for each state; shares of few parts are rings, all else is bars.
export function chartsOf(all: readonly Series[], labelOf: (label: string) => string, nameOf: (name: string) => string): DashboardChart[] {
  const charts: DashboardChart[] = [];
  for (const one of all) {
    const points = one.points.map((point) => ({ label: labelOf(point.label), value: point.value }));
    const isMonthly = /^dossiers_\w+_by_month$/.test(one.name);
    const name = isMonthly ? "dossiers_by_month" : one.name;
    const present = charts.find((chart) => chart.name === name);
    if (present) present.series.push({ name: nameOf(one.name), points });
    else charts.push({ name, kind: /_by_(?:device|kind)$/.test(name) && name.startsWith("certificates") ? "pie" : "bar", series: [{ name: nameOf(one.name), points }] });
  }
  return charts;
}
