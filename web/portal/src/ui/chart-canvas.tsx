import { BarChart, LineChart, PieChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { type ECharts, init, use as register } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { useEffect, useRef } from "react";
import type { Language } from "@/api/problem";
import { palette } from "@/app/theme";
import { useLanguage } from "@/i18n";
import { formatNumber } from "@/lib/format";
import type { ChartProps } from "./chart";

register([BarChart, LineChart, PieChart, AriaComponent, GridComponent, LegendComponent, TooltipComponent, CanvasRenderer]);

// Colours that stay apart for people who see colours differently; patterns come with "decal".
const colours = [palette.blue, "#c77700", "#157347", "#7a3e9d", palette.red, "#4c7a9c", "#8a6d00", "#455a64"];
const still = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

// Few categories are named in full, on several lines.
const mostNamed = 8;
function optionOf({ kind, series, stacked }: ChartProps, language: Language, place: HTMLElement) {
  const common = { color: colours, animation: !still(), aria: { enabled: true, decal: { show: kind === "pie" } }, textStyle: { fontFamily: getComputedStyle(place).fontFamily, color: palette.ink } };
  if (kind === "pie") {
    const points = series[0]?.points ?? [];
    const values = new Map(points.map(({ label, value }) => [label, value]));
    return {
      ...common,
      tooltip: { trigger: "item" as const },
      legend: { bottom: 0, formatter: (name: string) => `${name}: ${formatNumber(values.get(name) ?? 0, language)}` },
      series: [{ type: "pie" as const, radius: ["42%", "66%"], center: ["50%", "38%"], label: { show: false }, data: points.map(({ label, value }) => ({ name: label, value })) }],
    };
  }
  const labels = series[0]?.points.map((point) => point.label) ?? [];
  const named = labels.length <= mostNamed ? { interval: 0, overflow: "break" as const, lineHeight: 14, width: Math.floor((place.clientWidth - 72) / labels.length) - 6 } : {};
  return {
    ...common,
    tooltip: { trigger: "axis" as const },
    legend: series.length > 1 ? { bottom: 0, type: "scroll" as const } : undefined,
    grid: { left: 8, right: 16, top: 24, bottom: series.length > 1 ? 40 : 8, containLabel: true },
    xAxis: { type: "category" as const, data: labels, axisLabel: { hideOverlap: true, color: palette.inkSoft, ...named } },
    yAxis: { type: "value" as const, minInterval: 1, axisLabel: { color: palette.inkSoft } },
    series: series.map((one) => ({
      name: one.name,
      type: kind,
      stack: stacked ? "all" : undefined,
      barMaxWidth: 42,
      smooth: false,
      data: one.points.map((point) => point.value),
    })),
  };
}

function draw(chart: ECharts, props: ChartProps, language: Language) {
  // richText: the tooltip is drawn, not written as HTML with style attributes that the policy refuses.
  const option = optionOf(props, language, chart.getDom());
  chart.setOption({ ...option, tooltip: { ...option.tooltip, renderMode: "richText" } }, true);
}

export default function ChartCanvas(props: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<ECharts>(undefined);
  const language = useLanguage();
  const redraw = useRef<() => void>(undefined);
  useEffect(() => {
    const made = init(place.current!, undefined, { renderer: "canvas" });
    chart.current = made;
    const watcher = new ResizeObserver(() => {
      made.resize();
      redraw.current?.();
    });
    watcher.observe(place.current!);
    return () => {
      watcher.disconnect();
      made.dispose();
    };
  }, []);
  useEffect(() => {
    redraw.current = () => draw(chart.current!, props, language);
    redraw.current();
  }, [props, language]);
  return <div ref={place} />;
}
