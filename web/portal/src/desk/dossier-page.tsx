import "@/dossiers/dossiers.css";
import "./desk.css";
import { CheckOutlined, FileProtectOutlined, RollbackOutlined, SafetyCertificateOutlined, UserSwitchOutlined } from "@ant-design/icons";
import { Alert, Button, Form } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useParams } from "react-router";
import { api, unwrap } from "@/api/client";
import type { Dossier, Line } from "@/api/types";
import { useSession } from "@/app/session";
import { useServerEvents } from "@/lib/events";
import { GeneralSection } from "@/dossiers/general-section";
import { LetterSection, RevocationSection } from "@/dossiers/letter-section";
import { LinesSection } from "@/dossiers/lines-section";
import type { FormValues } from "@/dossiers/merge";
import { isAbout, useDossier, useDossierCache } from "@/dossiers/queries";
import { ReceiverFacts, ReceiverSection } from "@/dossiers/receiver-section";
import { History, Notes, SideLinks } from "@/dossiers/side";
import { Stepper } from "@/dossiers/stepper";
import { PageHeader } from "@/ui/page-header";
import { PageLoading } from "@/ui/page-loading";
import { ProblemAlert } from "@/ui/problem-alert";
import { Section } from "@/ui/section";
import { DossierTag, DueTag } from "@/ui/tags";
import { useNotify } from "@/ui/use-notify";
import { AssignDialog } from "./assign-dialog";
import { DecisionDialog, type Decided } from "./decision-dialog";
import { DeliverySection } from "./delivery-section";
import { LetterPages } from "./letter-pages";
import { ReasonDialog } from "./reason-dialog";

export function Page() {
  const { id = "" } = useParams();
  const { data, error, refetch } = useDossier(id);
  const cache = useDossierCache(id);
  useServerEvents((name, about) => {
    if (name === "dossier" && isAbout(about, id)) void cache.refresh();
  });
  if (!data) return error ? <ProblemAlert error={error} onRetry={() => void refetch()} /> : <PageLoading />;
  return <DeskDossier key={id} dossier={data} />;
}

const nothing = () => undefined;
const decidable: Line["state"][] = ["pending", "approved", "returned", "failed"];

function DeskDossier({ dossier }: { dossier: Dossier }) {
  const { t } = useTranslation("desk");
  const { t: common } = useTranslation();
  const { has } = useSession();
  const navigate = useNavigate();
  const notify = useNotify();
  const cache = useDossierCache(dossier.id);
  const [form] = Form.useForm<FormValues>();
  const [asking, setAsking] = useState<"reject" | "return" | "assign">();
  const [deciding, setDeciding] = useState<Decided>();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [busy, setBusy] = useState(false);
  const [checking, setChecking] = useState<string>();
  const can = (what: string) => dossier.can?.includes(what) ?? false;
  const path = { id: dossier.id };
  const { revision } = dossier;

  async function run(work: () => Promise<Dossier>, done: string) {
    setBusy(true);
    try {
      cache.accept(await work());
      void cache.lines();
      notify.done(done);
    } catch (error) {
      notify.failed(error);
      void cache.refresh();
    } finally {
      setBusy(false);
    }
  }
  const receive = () => run(() => unwrap(api.POST("/api/v1/desk/dossiers/{id}/reception", { params: { path }, body: { revision } })), t("receive.done"));
  async function withReason(what: "rejection" | "return", reason: string) {
    const body = { revision, reason };
    cache.accept(await unwrap(what === "rejection" ? api.POST("/api/v1/desk/dossiers/{id}/rejection", { params: { path }, body }) : api.POST("/api/v1/desk/dossiers/{id}/return", { params: { path }, body })));
    notify.done(t(what === "rejection" ? "reject.done" : "giveBack.done"));
  }
  async function checkPerson(line: Line) {
    setChecking(line.id);
    try {
      await unwrap(api.POST("/api/v1/desk/person-check", { body: { dossier: dossier.id, line: line.id } }));
      await cache.lines();
    } catch (error) {
      notify.failed(error);
    } finally {
      setChecking(undefined);
    }
  }

  const canDecide = can("decide");
  const canCheck = has("receiving", "checking") && dossier.kind === "01" && (dossier.state === "submitted" || dossier.state === "processing");
  const rowButtons = (line: Line) => (
    <div className="d-row-actions">
      {canCheck && (line.population === "waiting" || line.population === "unknown" || line.population === "unchecked") && (
        <Button size="small" loading={checking === line.id} aria-label={t("person.named", { name: line.name })} onClick={() => void checkPerson(line)}>
          {t("person.check")}
        </Button>
      )}
      {canDecide && decidable.includes(line.state) && (
        <>
          {line.state !== "approved" && (
            <Button size="small" type="primary" ghost icon={<CheckOutlined aria-hidden />} aria-label={t("decide.approveNamed", { name: line.name ?? line.serial })} onClick={() => setDeciding({ decision: "approve", lines: [line] })}>
              {t("decide.approve")}
            </Button>
          )}
          {line.state !== "returned" && (
            <Button size="small" danger icon={<RollbackOutlined aria-hidden />} aria-label={t("decide.returnNamed", { name: line.name ?? line.serial })} onClick={() => setDeciding({ decision: "return", lines: [line] })}>
              {t("decide.return")}
            </Button>
          )}
        </>
      )}
    </div>
  );
  const waiting = dossier.line_count - (dossier.lines_approved ?? 0) - (dossier.lines_returned ?? 0);
  const bar = canDecide && (
    <div className="k-row k-gap q-decide" role="group" aria-label={t("decide.many")}>
      <Button type="primary" disabled={selected.size === 0} onClick={() => setDeciding({ decision: "approve", ids: [...selected] })}>
        {t("decide.approveMany", { count: selected.size })}
      </Button>
      <Button danger disabled={selected.size === 0} onClick={() => setDeciding({ decision: "return", ids: [...selected] })}>
        {t("decide.returnMany", { count: selected.size })}
      </Button>
      {waiting > 0 && <Button onClick={() => setDeciding({ decision: "approve", ids: ["*"], count: waiting })}>{t("decide.approveAll", { count: waiting })}</Button>}
    </div>
  );
  const signing = can("sign_request") || can("approve");
  const organisation = dossier.on_behalf_of ?? dossier.organisation;
  return (
    <>
      <PageHeader
        title={dossier.form.letter_number ? t("dossier.titleNumber", { number: dossier.form.letter_number, organisation: organisation.name }) : organisation.name}
        lead={
          <>
            {dossier.kind} - {common(`kind.${dossier.kind}`)} <DossierTag state={dossier.state} /> {dossier.state === "processing" && <DueTag due={dossier.due} urgency={dossier.urgency} />}
          </>
        }
        crumbs={[{ text: common("work.desk"), to: "/ban-xu-ly" }, { text: dossier.code }]}
        actions={<SideLinks notes={dossier.notes?.length ?? 0} />}
      />
      <Stepper dossier={dossier} isOfficer />
      {dossier.reason && (dossier.state === "returned" || dossier.state === "rejected") && <Alert className="k-gap" type="warning" showIcon title={common(`state.${dossier.state}`)} description={dossier.reason} />}
      {dossier.request?.failure && <Alert className="k-gap" type="error" showIcon title={t("dossier.failed")} description={dossier.request.failure} />}
      {dossier.step === "keys" && dossier.state === "processing" && <Alert className="k-gap" type="info" showIcon title={t("keys.title")} description={<span>{t("keys.text")} <code>kyso desk personalise</code></span>} />}
      {dossier.kind === "06" && dossier.state === "processing" && dossier.step === "statement" && <Alert className="k-gap" type="info" showIcon title={t("unlock.title")} description={<span>{t("unlock.text")} <code>kyso desk unlock</code></span>} />}
      <div className="d-columns">
        <div className="d-main-column">
          <Form<FormValues> form={form} component={false} layout="vertical" initialValues={dossier.form}>
            <LinesSection dossier={dossier} isEditable={false} isOfficer decide={canDecide || canCheck ? rowButtons : undefined} bar={bar} selection={canDecide ? { selected, onChange: setSelected, canSelect: (line) => decidable.includes(line.state), nameOf: (line) => line.name ?? line.serial ?? String(line.number) } : undefined} />
            <LetterSection dossier={dossier} form={form} isEditable={false} ensureSaved={async () => dossier} onChange={nothing} />
            <LetterPages dossier={dossier} />
            <RevocationSection dossier={dossier} form={form} isEditable={false} ensureSaved={async () => dossier} onChange={nothing} />
            <DeliverySection dossier={dossier} />
            <GeneralSection dossier={dossier} form={form} isEditable={false} onChange={nothing} />
            <ReceiverSection dossier={dossier} form={form} isEditable={false} onChange={nothing} />
            {dossier.kind === "06" && (
              <Section title={t("dossier.coordinator")}>
                <ReceiverFacts receiver={dossier.form.coordinator} />
              </Section>
            )}
            {dossier.form.note && (
              <Section title={t("dossier.note")}>
                <p className="d-no-gap d-pre">{dossier.form.note}</p>
              </Section>
            )}
          </Form>
        </div>
        <aside className="d-side-column" aria-label={t("dossier.side")}>
          <Notes dossier={dossier} isOfficer canWrite={has("receiving", "checking", "approving")} />
          <History id={dossier.id} />
        </aside>
      </div>
      <div className="d-bar d-bar-sticky">
        <div className="k-row">
          {can("receive") && (
            <Button type="primary" loading={busy} onClick={() => void receive()}>
              {t("receive.button")}
            </Button>
          )}
          {signing && (
            <Button type="primary" icon={can("approve") ? <SafetyCertificateOutlined aria-hidden /> : <FileProtectOutlined aria-hidden />} onClick={() => void navigate(`/ban-xu-ly/ho-so/${dossier.id}/ky`)}>
              {t(can("approve") ? "statement.approveTitle" : "statement.requestTitle")}
            </Button>
          )}
          {can("return") && <Button onClick={() => setAsking("return")}>{t("giveBack.button")}</Button>}
          {can("reject") && (
            <Button danger onClick={() => setAsking("reject")}>
              {t("reject.button")}
            </Button>
          )}
          {can("assign") && (
            <Button icon={<UserSwitchOutlined aria-hidden />} onClick={() => setAsking("assign")}>
              {t("assign.button")}
            </Button>
          )}
          {!signing && dossier.state === "processing" && <Link to={`/ban-xu-ly/ho-so/${dossier.id}/ky`}>{t("statement.see")}</Link>}
          <Button onClick={() => void navigate(-1)}>{common("action.close")}</Button>
        </div>
      </div>
      <ReasonDialog open={asking === "reject"} onClose={() => setAsking(undefined)} title={t("reject.title")} text={t("reject.text")} okText={t("reject.button")} danger usual={[t("usual.notOurs"), t("usual.unsigned"), t("usual.twice")]} act={(reason) => withReason("rejection", reason)} />
      <ReasonDialog open={asking === "return"} onClose={() => setAsking(undefined)} title={t("giveBack.title")} text={t("giveBack.text")} okText={t("giveBack.button")} usual={[t("usual.unsigned"), t("usual.count"), t("usual.person"), t("usual.mail")]} act={(reason) => withReason("return", reason)} />
      <AssignDialog dossiers={asking === "assign" ? [dossier] : undefined} onClose={() => setAsking(undefined)} onDone={() => setAsking(undefined)} />
      <DecisionDialog
        dossier={dossier}
        decided={deciding}
        onClose={() => setDeciding(undefined)}
        onDone={(changed) => {
          cache.accept(changed);
          void cache.lines();
          setSelected(new Set());
        }}
      />
    </>
  );
}
