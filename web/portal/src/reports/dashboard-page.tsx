import "./reports.css";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, unwrap } from "@/api/client";
import type { Dashboard } from "@/api/types";
import { hasAny, officerRoles, organisationRoles } from "@/app/access";
import { useAccount } from "@/app/session";
import { formatNumber } from "@/lib/format";
import { Chart } from "@/ui/chart";
import { PageHeader } from "@/ui/page-header";
import { PageLoading } from "@/ui/page-loading";
import { ProblemAlert } from "@/ui/problem-alert";
import { Section } from "@/ui/section";
import { chartsOf } from "./dashboard-charts";

type Name = Dashboard["figures"][number]["name"];
const tones: Partial<Record<Name, string>> = { overdue: "bad", returned: "warn", certificates_expiring_60: "warn", certificates_stale: "warn", completed: "good", certificates_good: "good" };
const dossierAddresses: Partial<Record<Name, string>> = { draft: "/ho-so/di", returned: "/ho-so/di", submitted: "/ho-so/da-nop", processing: "/ho-so/da-nop", overdue: "/ho-so/da-nop", completed: "/ho-so/da-hoan-thanh", rejected: "/ho-so/da-hoan-thanh" };
const deskAddresses: Partial<Record<Name, string>> = { submitted: "/ban-xu-ly/waiting", processing: "/ban-xu-ly/processing", returned: "/ban-xu-ly/returned", overdue: "/ban-xu-ly/overdue", completed: "/ban-xu-ly/finished", rejected: "/ban-xu-ly/rejected" };
const certificateAddresses: Partial<Record<Name, string>> = { certificates_good: "/danh-muc/chung-thu-so?state=good", certificates_expiring_60: "/danh-muc/chung-thu-so?view=expiring", certificates_stale: "/danh-muc/chung-thu-so?view=stale" };

// "Bảng thống kê": every figure leads to what it counts.
export function Page() {
  const { t, i18n } = useTranslation("reports");
  const { t: common } = useTranslation();
  const account = useAccount();
  const { data, error, refetch } = useQuery({ queryKey: ["dashboard"], queryFn: () => unwrap(api.GET("/api/v1/reports/dashboard")) });
  const isOfficer = hasAny(account.roles, officerRoles), isClerk = hasAny(account.roles, organisationRoles);
  const addressOf = (name: Name) => (isClerk ? dossierAddresses[name] : isOfficer ? deskAddresses[name] : undefined) ?? (isClerk || isOfficer ? certificateAddresses[name] : undefined);
  if (!data) return error ? <ProblemAlert error={error} onRetry={() => void refetch()} /> : <PageLoading />;

  const seriesName = (name: string) => (i18n.exists(`reports:series.${name}`) ? t(`series.${name}`) : name);
  const labelOf = (label: string) => {
    const month = /^(\d{4})-(\d{2})$/.exec(label);
    if (month) return `${month[2]}/${month[1]}`;
    if (/^0[1-6]$/.test(label)) return `${label} ${t(`kindShort.${label}`)}`;
    for (const group of ["device", "certificateKind", "state"]) if (i18n.exists(`common:${group}.${label}`)) return common(`${group}.${label}`);
    return label;
  };
  const groups: [string, Name[]][] = [
    ["dossiers", ["draft", "submitted", "processing", "overdue", "returned", "completed", "rejected"]],
    ["certificates", ["certificates_good", "certificates_expiring_60", "certificates_stale"]],
  ];
  const charts = chartsOf(data.series, labelOf, seriesName);
  return (
    <>
      <PageHeader title={common("work.dashboard")} lead={isOfficer ? t("dashboard.all") : t("dashboard.own", { name: account.organisation.name })} />
      {groups.map(([group, names]) => {
        const shown = names.flatMap((name) => data.figures.find((figure) => figure.name === name) ?? []);
        if (shown.length === 0) return null;
        return (
          <Section key={group} title={t(`dashboard.${group}`)}>
            <ul className="k-plain r-figures">
              {shown.map(({ name, value }) => {
                const to = addressOf(name), tone = value > 0 ? tones[name] : undefined;
                const content = (
                  <>
                    <span>{t(`figure.${name}`)}</span>
                    <strong>{formatNumber(value, i18n.language)}</strong>
                  </>
                );
                const className = `r-figure${tone ? ` r-figure-${tone}` : ""}`;
                return <li key={name}>{to ? <Link to={to} className={className}>{content}</Link> : <div className={className}>{content}</div>}</li>;
              })}
            </ul>
          </Section>
        );
      })}
      <div className="r-charts">
        {charts.map((chart) => (
          <Section key={chart.name}>
            <Chart title={seriesName(chart.name)} kind={chart.kind} series={chart.series} />
          </Section>
        ))}
      </div>
    </>
  );
}
