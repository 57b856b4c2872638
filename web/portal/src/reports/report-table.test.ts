import { describe, expect, it } from "vitest";
import type { ReportTable } from "@/api/types";
import { cellText, chartSeries } from "./report-table";

const column = (title: string, kind: ReportTable["columns"][number]["kind"]) => ({ title, title_en: `${title} en`, kind });
const table = (columns: ReportTable["columns"], rows: ReportTable["rows"]): ReportTable => ({ title: "T", title_en: "T", columns, rows });

describe("reports", () => {
  it("write cells as their kind demands", () => {
    expect(cellText(1234.5, "number", "vi")).toBe("1.234,5");
    expect(cellText(99.25, "percent", "en")).toBe("99.3 %");
    expect(cellText("2026-11-20", "date", "vi")).toBe("20/11/2026");
    expect(cellText(null, "text", "vi")).toBe("");
  });
  it("draw counts by name and leave percentages out", () => {
    const months = table([column("Tháng", "text"), column("Nhận", "number"), column("Đúng hạn", "percent")], [["10/2026", 5, 100], ["11/2026", 7, 90]]);
    expect(chartSeries(months, "vi")).toEqual([{ name: "Nhận", points: [{ label: "10/2026", value: 5 }, { label: "11/2026", value: 7 }] }]);
    expect(chartSeries(months, "en")[0]?.name).toBe("Nhận en");
  });
  it("do not draw lists", () => {
    expect(chartSeries(table([column("Số hiệu", "text"), column("Tên", "text"), column("Hết hạn", "date")], [["1", "A", "2026-12-01"], ["2", "B", "2026-12-02"]]), "vi")).toEqual([]);
    expect(chartSeries(table([column("Tháng", "text"), column("Nhận", "number")], [["11/2026", 1]]), "vi")).toEqual([]);
  });
});
