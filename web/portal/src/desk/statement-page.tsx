import "@/dossiers/dossiers.css";
import "./desk.css";
import { KeyOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Alert, Button, Popconfirm } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useParams } from "react-router";
import { api, unwrap } from "@/api/client";
import type { Dossier, Statement } from "@/api/types";
import { useSession } from "@/app/session";
import { FindingList } from "@/dossiers/finding-list";
import { isAbout, useDossier, useDossierCache } from "@/dossiers/queries";
import { useServerEvents } from "@/lib/events";
import { formatTime } from "@/lib/format";
import { isCancelled, passkeysWork, signStatement } from "@/lib/passkey";
import { Facts } from "@/ui/facts";
import { PageHeader } from "@/ui/page-header";
import { PageLoading } from "@/ui/page-loading";
import { ProblemAlert } from "@/ui/problem-alert";
import { Section } from "@/ui/section";
import { useNotify } from "@/ui/use-notify";
import { type Reading, readOffer } from "./payload";
import { RequestTable } from "./payload-table";

export function Page() {
  const { id = "" } = useParams();
  const { data: dossier, error, refetch } = useDossier(id);
  if (!dossier) return error ? <ProblemAlert error={error} onRetry={() => void refetch()} /> : <PageLoading />;
  return <StatementView key={id} dossier={dossier} />;
}

function useReading(statement: Statement | undefined): Reading | undefined {
  const [read, setRead] = useState<{ of: Statement; reading: Reading }>();
  useEffect(() => {
    if (!statement) return undefined;
    let left = false;
    void readOffer(statement).then((reading) => !left && setRead({ of: statement, reading }));
    return () => {
      left = true;
    };
  }, [statement]);
  return read && read.of === statement ? read.reading : undefined;
}

// "Lập yêu cầu" / "Phê duyệt": the very text that will be signed as a table, then the passkey.
function StatementView({ dossier }: { dossier: Dossier }) {
  const { t } = useTranslation("desk");
  const { t: common } = useTranslation();
  const navigate = useNavigate();
  const notify = useNotify();
  const cache = useDossierCache(dossier.id);
  const path = { id: dossier.id };
  const { data: statement, error, refetch } = useQuery({
    queryKey: ["desk", "statement", dossier.id],
    queryFn: () => unwrap(api.GET("/api/v1/desk/dossiers/{id}/statement", { params: { path } })),
    staleTime: 0,
    // While the vault works.
    refetchInterval: (query) => (query.state.data?.state === "authorised" ? 3000 : false),
    refetchOnReconnect: false,
  });
  useServerEvents((name, about) => {
    if (name === "dossier" && isAbout(about, dossier.id)) void refetch();
  });
  const reading = useReading(statement);
  const [busy, setBusy] = useState<"sign" | "reject">();
  const [problem, setProblem] = useState<unknown>();
  const [signed, setSigned] = useState(0);

  async function sign(payload: string | undefined, way: "sign" | "reject") {
    if (!payload || !statement?.type || !statement.rp_id) return;
    setBusy(way);
    setProblem(undefined);
    try {
      const body = await signStatement(statement.type, payload, statement.rp_id, statement.allow_credentials ?? []);
      cache.accept(await unwrap(api.POST("/api/v1/desk/dossiers/{id}/statement", { params: { path }, body })));
      void cache.lines();
      setSigned((count) => count + 1);
      notify.done(t(way === "reject" ? "statement.rejected" : statement.type === "request" ? "statement.requested" : "statement.approved"));
    } catch (failure) {
      if (!isCancelled(failure)) setProblem(failure);
    } finally {
      setBusy(undefined);
      await refetch();
    }
  }

  const back = `/ban-xu-ly/ho-so/${dossier.id}`;
  const title = t(statement?.type === "approval" ? "statement.approveTitle" : statement?.type === "request" ? "statement.requestTitle" : "statement.title");
  const mayKeyBeMissing = statement?.blockers?.some((finding) => finding.code === "registry.desk.passkey");
  const isSafe = reading && !reading.fault && reading.request;
  return (
    <>
      <PageHeader title={title} lead={`${dossier.form.letter_number ?? ""} ${dossier.code}`.trim()} crumbs={[{ text: common("work.desk"), to: "/ban-xu-ly" }, { text: dossier.form.letter_number ?? dossier.code, to: back }, { text: title }]} />
      <ProblemAlert error={problem ?? error} onRetry={error && !problem ? () => void refetch() : undefined} />
      {statement && <Standing statement={statement} signed={signed} />}
      {mayKeyBeMissing && <EnrolHelp />}
      {statement?.type && !passkeysWork() && <Alert className="k-gap" type="warning" showIcon title={t("passkey.browser")} description={t("passkey.browserText")} />}
      {reading?.fault && (
        <Alert className="k-gap" type="error" showIcon role="alert" title={t("fault.title")} description={`${t(`fault.${reading.fault}`)}${reading.member ? ` (${reading.member})` : ""} ${t("fault.next")}`} />
      )}
      {reading?.request && (
        <Section title={t(statement?.type && !reading.fault ? "statement.whatYouSign" : "statement.what")}>
          <p className="k-muted">{t("statement.explain")}</p>
          <RequestTable request={reading.request} sha256={reading.requestSha256 ?? ""} />
          <details className="q-more">
            <summary>{t("statement.raw")}</summary>
            <pre className="d-pem" tabIndex={0} aria-label={t("statement.raw")}>
              {statement?.type === "approval" ? `${statement.payload ?? ""}\n\n${statement.request ?? ""}` : (statement?.payload ?? statement?.request)}
            </pre>
          </details>
        </Section>
      )}
      <div className="d-bar d-bar-sticky">
        <div className="k-row">
          {statement?.type && (
            <Button type="primary" icon={<KeyOutlined aria-hidden />} disabled={!isSafe || !passkeysWork() || !!busy} loading={busy === "sign"} onClick={() => void sign(statement.payload, "sign")}>
              {t(statement.type === "approval" ? "statement.approve" : "statement.sign")}
            </Button>
          )}
          {statement?.type === "approval" && statement.reject_payload && (
            <Popconfirm title={t("statement.rejectSure")} description={t("statement.rejectHint")} okText={t("statement.reject")} cancelText={common("action.cancel")} okButtonProps={{ danger: true }} onConfirm={() => void sign(statement.reject_payload, "reject")}>
              <Button danger disabled={!isSafe || !passkeysWork() || !!busy} loading={busy === "reject"}>
                {t("statement.reject")}
              </Button>
            </Popconfirm>
          )}
          <Button onClick={() => void navigate(back)}>{t("statement.back")}</Button>
          <span className="k-muted" role="status">
            {busy ? t("statement.touch") : statement?.type && isSafe ? t("statement.ready") : ""}
          </span>
        </div>
      </div>
    </>
  );
}

const tones = { not_ready: "warning", to_request: "info", waiting: "info", authorised: "info", done: "success", rejected: "error", expired: "error", failed: "error" } as const;

function Standing({ statement, signed }: { statement: Statement; signed: number }) {
  const { t } = useTranslation("desk");
  const { t: common, i18n } = useTranslation();
  const { has } = useSession();
  const blockers = statement.blockers?.filter((finding) => finding.code !== "registry.desk.passkey") ?? [];
  const role = (name: string) => (i18n.exists(`role.${name}`) ? common(`role.${name}`) : name);
  const isNext = signed > 0 && statement.type === "request";
  return (
    <Section title={t("standing.title")}>
      <Alert type={tones[statement.state]} showIcon className="k-gap" title={t(isNext ? "standing.next" : `standing.${statement.state}`)} description={statement.failure_text ?? (statement.state === "to_request" && !statement.type && !has("receiving") ? t("standing.notYou") : undefined)} />
      {blockers.length > 0 && (
        <>
          <h3>{t("standing.blockers")}</h3>
          <FindingList findings={blockers} keyOf={(_, at) => blockers[at]!.id || String(at)} />
        </>
      )}
      <Facts
        items={[
          [t("standing.requester"), statement.requester],
          [t("standing.approvers"), statement.approvers?.join(", ")],
          [t("standing.missing"), statement.missing?.map(role).join(", ")],
          [t("standing.expires"), formatTime(statement.expires)],
        ]}
      />
    </Section>
  );
}

// An officer without a passkey that the vault knows.
function EnrolHelp() {
  const { t } = useTranslation("desk");
  return (
    <Alert
      className="k-gap"
      type="warning"
      showIcon
      title={t("passkey.missing")}
      description={
        <ol className="q-help">
          <li>
            {t("passkey.step1")} <Link to="/tai-khoan">{t("passkey.account")}</Link>
          </li>
          <li>
            {t("passkey.step2")} <code>kyso authority policy enrol-passkey</code>
          </li>
          <li>{t("passkey.step3")}</li>
        </ol>
      }
    />
  );
}
