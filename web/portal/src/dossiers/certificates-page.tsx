import { Button, Segmented } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import type { Certificate, Device } from "@/api/types";
import { useSession } from "@/app/session";
import { today } from "@/lib/format";
import { PageHeader } from "@/ui/page-header";
import { certificateColumns, certificateKey, daysLeft, soonDays } from "./certificate-columns";
import { type CertificateFilter, CertificateFilterForm, isSearchable, useCertificates } from "./certificate-search";
import { RecordPages } from "./record-table";
import { useChangeDossier } from "./use-change-dossier";

type View = "all" | "expiring" | "stale";
const names = ["serial", "device", "iccid", "name", "email", "state"] as const;

function later(days: number): string {
  return today(new Date(Date.now() + days * 86400_000));
}

// "Chứng thư số và thiết bị".
export function Page() {
  const { t } = useTranslation("dossiers");
  const { t: common } = useTranslation();
  const { has } = useSession();
  const [search, setSearch] = useSearchParams();
  const [chosen, setChosen] = useState<ReadonlyMap<string, Certificate>>(new Map());
  const change = useChangeDossier();
  const isClerk = has("clerk");

  const filter: CertificateFilter = {};
  for (const name of names) filter[name] = search.get(name) ?? undefined;
  filter.device_kind = (search.get("device_kind") as Device | null) ?? undefined;
  filter.outside = search.get("outside") === "true" || undefined;
  const view: View = search.get("view") === "expiring" ? "expiring" : search.get("view") === "stale" ? "stale" : "all";
  const asked: CertificateFilter = { ...filter, ...(view === "stale" && { stale: true }), ...(view === "expiring" && { expires_before: later(soonDays), state: "good" }) };
  const pages = useCertificates(asked, isSearchable(asked));

  const show = (next: CertificateFilter, nextView: View) => {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(next)) if (value) query.set(name, String(value));
    if (nextView !== "all") query.set("view", nextView);
    setChosen(new Map());
    setSearch(query, { replace: true });
  };
  const mayChange = (certificate: Certificate) => isClerk && !filter.outside && certificate.state === "good" && daysLeft(certificate) >= 0;
  const columns = certificateColumns(t, common, {
    action: (certificate) =>
      mayChange(certificate) &&
      (certificate.is_stale || daysLeft(certificate) <= soonDays) && (
        <Button size="small" loading={change.busy} onClick={() => void change.make([certificate])}>
          {t("certificate.make04")}
        </Button>
      ),
  });

  return (
    <>
      <PageHeader title={common("work.certificates")} lead={t("certificate.lead")} crumbs={[{ text: common("work.lists") }]} />
      <CertificateFilterForm key={search.toString()} value={filter} onSearch={(next) => show(next, view)} canLookOutside withState />
      <div className="k-row k-spread k-gap">
        <Segmented<View>
          aria-label={t("line.view")}
          value={view}
          onChange={(next) => show(filter, next)}
          options={[
            { value: "all", label: t("certificate.all") },
            { value: "expiring", label: t("certificate.expiring", { days: soonDays }) },
            { value: "stale", label: t("certificate.staleNames") },
          ]}
        />
        {isClerk && (
          <Button type="primary" disabled={chosen.size === 0} loading={change.busy} onClick={() => void change.make([...chosen.values()])}>
            {t("certificate.make04Many", { count: chosen.size })}
          </Button>
        )}
      </div>
      {view === "stale" && <p className="k-muted">{t("certificate.staleText")}</p>}
      <RecordPages
        label={common("work.certificates")}
        pages={pages}
        columns={columns}
        rowKey={certificateKey}
        emptyText={isSearchable(asked) ? t("pick.none") : t("search.outsideHint")}
        toneOf={(certificate) => (certificate.is_stale || (certificate.state === "good" && daysLeft(certificate) <= soonDays) ? "warn" : undefined)}
        selection={
          isClerk
            ? {
                selected: new Set(chosen.keys()),
                onChange: (keys) => setChosen(new Map(pages.items.filter((one) => keys.has(certificateKey(one))).map((one) => [certificateKey(one), one]))),
                canSelect: mayChange,
                nameOf: (certificate) => `${certificate.name} ${certificate.serial}`,
              }
            : undefined
        }
      />
    </>
  );
}
