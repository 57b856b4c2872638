import "./dossiers.css";
import { useQuery } from "@tanstack/react-query";
import { Alert, Button, Radio, Select, Switch } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate, useSearchParams } from "react-router";
import { api, unwrap } from "@/api/client";
import type { DossierKind } from "@/api/types";
import { today } from "@/lib/format";
import { kindIcons, kinds } from "@/public/kind-icons";
import { PageHeader } from "@/ui/page-header";
import { ProblemAlert } from "@/ui/problem-alert";
import { Section } from "@/ui/section";

// "Thêm mới": which of the six kinds, for whom, and whether the keys shall be kept centrally.
export function Page() {
  const { t } = useTranslation("dossiers");
  const { t: common } = useTranslation();
  const navigate = useNavigate();
  const [search] = useSearchParams();
  const wanted = search.get("kind");
  const [kind, setKind] = useState<DossierKind | undefined>(kinds.find((one) => one === wanted));
  const [isCentral, setCentral] = useState(false);
  const [behalf, setBehalf] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const centralId = useId(), behalfId = useId();
  const { data } = useQuery({ queryKey: ["delegations"], queryFn: () => unwrap(api.GET("/api/v1/delegations")) });
  const day = today();
  const received = data?.items.filter((one) => !one.is_given && !one.ended && one.valid_from <= day && day <= one.valid_to) ?? [];

  async function create() {
    if (!kind) return;
    setBusy(true);
    setProblem(undefined);
    try {
      const dossier = await unwrap(api.POST("/api/v1/dossiers", { body: { kind, on_behalf_of: behalf || undefined, central_signing: kind === "01" && isCentral ? true : undefined } }));
      await navigate(`/ho-so/${dossier.id}`, { replace: true });
    } catch (error) {
      setProblem(error);
      setBusy(false);
    }
  }

  return (
    <>
      <PageHeader title={t("new.title")} lead={t("new.lead")} crumbs={[{ text: common("work.dossiers"), to: "/ho-so/di" }, { text: common("action.add") }]} />
      <Section title={t("new.kind")}>
        <Radio.Group className="d-kinds" value={kind} onChange={(event) => setKind(event.target.value as DossierKind)} aria-label={t("new.kind")}>
          {kinds.map((one) => (
            <Radio key={one} value={one} className={`d-kind${one === kind ? " d-kind-chosen" : ""}`}>
              <span className="d-kind-icon" aria-hidden="true">
                {kindIcons[one]}
              </span>
              <span>
                <strong>
                  {one} - {common(`kind.${one}`)}
                </strong>
                <span className="d-kind-text">{t(`kindText.${one}`)}</span>
                <span className="d-kind-limit">{t(one === "05" ? "new.limitHours" : "new.limitDays")}</span>
              </span>
            </Radio>
          ))}
        </Radio.Group>
      </Section>
      {kind === "01" && (
        <Section title={t("new.way")}>
          <div className="k-row">
            <Switch id={centralId} checked={isCentral} onChange={setCentral} aria-describedby={`${centralId}-hint`} />
            <label htmlFor={centralId}>
              <strong>{t("new.central")}</strong>
            </label>
          </div>
          <p className="k-hint" id={`${centralId}-hint`}>
            {t("new.centralHint")}
          </p>
          {isCentral && <Alert type="info" showIcon title={t("new.centralRules")} description={<p className="d-no-gap">{t("new.centralRulesText")}</p>} />}
        </Section>
      )}
      {received.length > 0 && (
        <Section title={t("new.behalf")}>
          <label htmlFor={behalfId}>{t("new.behalfLabel")}</label>
          <Select
            id={behalfId}
            className="k-wide k-narrow-field"
            value={behalf ?? ""}
            onChange={setBehalf}
            options={[
              { value: "", label: t("new.own") },
              ...received.map((one) => ({ value: one.organisation.id, label: one.organisation.chain.join("; ") || one.organisation.name })),
            ]}
          />
          <p className="k-hint">{t("new.behalfHint")}</p>
        </Section>
      )}
      <ProblemAlert error={problem} />
      <div className="d-bar">
        <Button type="primary" size="large" disabled={!kind} loading={busy} onClick={() => void create()}>
          {t("new.create")}
        </Button>
        <Button size="large" onClick={() => void navigate(-1)}>
          {common("action.close")}
        </Button>
        {!kind && <span className="k-muted">{t("new.choose")}</span>}
      </div>
    </>
  );
}
