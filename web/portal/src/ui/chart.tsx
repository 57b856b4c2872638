import "./chart.css";
import { Button } from "antd";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { formatNumber } from "@/lib/format";

const ChartCanvas = lazy(() => import("./chart-canvas"));

export interface ChartSeries {
  name: string;
  points: { label: string; value: number }[];
}
export interface ChartProps {
  title: string;
  kind: "bar" | "line" | "pie";
  series: ChartSeries[];
  stacked?: boolean;
}

// A picture for the eye and the same numbers as a table for everybody. ECharts is loaded when one is shown.
export function Chart(props: ChartProps) {
  const { t, i18n } = useTranslation();
  const [asTable, setAsTable] = useState(false);
  const labels = props.series[0]?.points.map((point) => point.label) ?? [];
  return (
    <figure className="c-chart">
      <figcaption className="k-row k-spread">
        <strong>{props.title}</strong>
        <Button size="small" type="text" onClick={() => setAsTable(!asTable)} aria-pressed={asTable}>
          {t(asTable ? "chart.chart" : "chart.table")}
        </Button>
      </figcaption>
      {/* A table does not become smaller than its words: what hides it is around it. */}
      <div className={asTable ? undefined : "k-hidden"}>
        <table className="c-table">
          <caption className="k-hidden">{props.title}</caption>
          <thead>
            <tr>
              <td />
              {props.series.map((series) => (
                <th key={series.name} scope="col">
                  {series.name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {labels.map((label, at) => (
              <tr key={label}>
                <th scope="row">{label}</th>
                {props.series.map((series) => (
                  <td key={series.name}>{formatNumber(series.points[at]?.value ?? 0, i18n.language)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {!asTable && (
        <div className="c-canvas" aria-hidden="true">
          <Suspense fallback={null}>
            <ChartCanvas {...props} />
          </Suspense>
        </div>
      )}
    </figure>
  );
}
