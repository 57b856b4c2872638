import "./reports.css";
import { FileExcelOutlined, FilePdfOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Alert, Button, Segmented, Select } from "antd";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { api, download, unwrap } from "@/api/client";
import { useOrganisation } from "@/dossiers/use-organisation";
import { useLanguage } from "@/i18n";
import { formatTime, today } from "@/lib/format";
import { Chart } from "@/ui/chart";
import { DateField } from "@/ui/date-field";
import { OrganisationPicker } from "@/ui/organisation-picker";
import { PageHeader } from "@/ui/page-header";
import { ProblemAlert } from "@/ui/problem-alert";
import { Section } from "@/ui/section";
import { useNotify } from "@/ui/use-notify";
import { cellText, chartSeries } from "./report-table";

const reports = ["by-time", "by-organisation", "by-kind", "by-device", "expiring", "sla"] as const;
type Report = (typeof reports)[number];
const units = ["day", "week", "month", "quarter", "year"] as const;
type Unit = (typeof units)[number];
const yearStart = () => `${today().slice(0, 4)}-01-01`;

export function Page() {
  const { t } = useTranslation("reports");
  const { t: common } = useTranslation();
  const language = useLanguage();
  const notify = useNotify();
  const [search, setSearch] = useSearchParams();
  const organisation = useOrganisation(search.get("organisation") ?? undefined);
  const report: Report = reports.find((one) => one === search.get("bao-cao")) ?? "by-time";
  const unit: Unit = units.find((one) => one === search.get("unit")) ?? "month";
  const isFuture = report === "expiring";
  const from = search.get("from") ?? (isFuture ? today() : yearStart());
  const to = search.get("to") ?? (isFuture ? `${Number(today().slice(0, 4)) + 1}${today().slice(4, 8)}${today().slice(8) === "29" ? "28" : today().slice(8)}` : today());
  const query = { from, to, organisation: search.get("organisation") ?? undefined, unit: report === "by-time" ? unit : undefined };
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ["report", report, query],
    queryFn: () => unwrap(api.GET("/api/v1/reports/{report}", { params: { path: { report }, query } })),
    placeholderData: (before) => before,
  });

  function set(values: Record<string, string | undefined>) {
    setSearch(
      (before) => {
        const next = new URLSearchParams(before);
        for (const [name, value] of Object.entries(values)) if (value) next.set(name, value);
          else next.delete(name);
        return next;
      },
      { replace: true },
    );
  }
  const file = (format: "xlsx" | "pdf") => {
    const asked = new URLSearchParams({ format });
    for (const [name, value] of Object.entries(query)) if (value) asked.set(name, value);
    return download(`/api/v1/reports/${report}/file?${asked.toString()}`, `${report}.${format}`).catch(notify.failed);
  };
  const chart = data && chartSeries(data, language);
  const title = data ? (language === "en" ? data.title_en : data.title) : t(`report.${report}`);
  return (
    <>
      <PageHeader
        title={common("work.reports")}
        lead={t("lead")}
        actions={
          <>
            <Button icon={<FileExcelOutlined aria-hidden />} onClick={() => void file("xlsx")}>
              {t("excel")}
            </Button>
            <Button icon={<FilePdfOutlined aria-hidden />} onClick={() => void file("pdf")}>
              {t("pdf")}
            </Button>
          </>
        }
      />
      <nav aria-label={t("which")}>
        <ul className="k-plain r-which">
          {reports.map((one) => (
            <li key={one}>
              <Link to={`/thong-ke?bao-cao=${one}${query.organisation ? `&organisation=${encodeURIComponent(query.organisation)}` : ""}`} aria-current={one === report ? "page" : undefined} replace>
                {t(`report.${one}`)}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <search className="k-filter" aria-label={t("filter")}>
        <div>
          <label htmlFor="report-from">{t("from")}</label>
          <DateField id="report-from" value={from} max={to} onChange={(value) => set({ from: value })} />
        </div>
        <div>
          <label htmlFor="report-to">{t("to")}</label>
          <DateField id="report-to" value={to} min={from} onChange={(value) => set({ to: value })} />
        </div>
        {report === "by-time" && (
          <div>
            <label htmlFor="report-unit">{t("unit")}</label>
            <Select id="report-unit" className="k-wide" value={unit} onChange={(value: Unit) => set({ unit: value })} options={units.map((value) => ({ value, label: t(`units.${value}`) }))} />
          </div>
        )}
        <div className="r-organisation">
          <label htmlFor="report-organisation">{common("organisation.label")}</label>
          <OrganisationPicker
            id="report-organisation"
            value={organisation}
            allowClear
            onChange={(choice) => set({ organisation: choice?.id })}
          />
        </div>
      </search>
      {!isFuture && (
        <div className="k-gap">
          <Segmented aria-label={t("period")} value={from === yearStart() && to === today() ? "year" : from === `${today().slice(0, 7)}-01` && to === today() ? "month" : ""} options={[{ value: "month", label: t("thisMonth") }, { value: "year", label: t("thisYear") }]} onChange={(value) => set({ from: value === "month" ? `${today().slice(0, 7)}-01` : yearStart(), to: today() })} />
        </div>
      )}
      <ProblemAlert error={error} onRetry={() => void refetch()} />
      {data && (
        <Section title={title}>
          {chart && chart.length > 0 && <Chart title={title} kind="bar" series={chart} stacked={chart.length > 1} />}
          {data.is_cut && <Alert className="k-gap" type="info" showIcon title={t("cut")} />}
          <div className="r-scroll" tabIndex={0} role="group" aria-label={title} aria-busy={isFetching}>
            <table className="r-table">
              <caption className="k-hidden">{title}</caption>
              <thead>
                <tr>
                  {data.columns.map((column) => (
                    <th key={column.title} scope="col" className={column.kind === "text" ? undefined : "r-number"}>
                      {language === "en" ? column.title_en : column.title}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {data.rows.map((row, at) => (
                  <tr key={at}>
                    {data.columns.map((column, i) => (
                      <td key={column.title} className={column.kind === "text" ? undefined : "r-number"}>
                        {cellText(row[i] ?? null, column.kind, language)}
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
            {data.rows.length === 0 && <p className="r-none">{t("none")}</p>}
          </div>
          {data.made && <p className="k-hint">{t("made", { time: formatTime(data.made) })}</p>}
        </Section>
      )}
    </>
  );
}
