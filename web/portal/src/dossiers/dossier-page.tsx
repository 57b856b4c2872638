import "./dossiers.css";
import { Alert, Button, Form, Input, Popconfirm } from "antd";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate, useParams, useSearchParams } from "react-router";
import { useQueryClient } from "@tanstack/react-query";
import { api, download, unwrap } from "@/api/client";
import type { Dossier, Finding } from "@/api/types";
import { useAccount } from "@/app/session";
import { useServerEvents } from "@/lib/events";
import { DraftNotice } from "@/ui/draft-notice";
import { PageHeader } from "@/ui/page-header";
import { PageLoading } from "@/ui/page-loading";
import { ProblemAlert } from "@/ui/problem-alert";
import { Section } from "@/ui/section";
import { DossierTag } from "@/ui/tags";
import { useNotify } from "@/ui/use-notify";
import { ConflictNotice } from "./conflict-notice";
import { GeneralSection } from "./general-section";
import { LetterSection, RevocationSection } from "./letter-section";
import { LinesSection } from "./lines-section";
import type { FormValues } from "./merge";
import { dossierKey, isAbout, linesKey, useDossier, useDossierCache } from "./queries";
import { ReceiverFields } from "./receiver-fields";
import { ReceiverFacts, ReceiverSection } from "./receiver-section";
import { History, Notes, SideLinks } from "./side";
import { Stepper } from "./stepper";
import { SubmitDialog } from "./submit-dialog";
import { useDossierForm } from "./use-dossier-form";

const listOf = { draft: "/ho-so/di", returned: "/ho-so/di", submitted: "/ho-so/da-nop", processing: "/ho-so/da-nop", rejected: "/ho-so/da-hoan-thanh", completed: "/ho-so/da-hoan-thanh" } as const;
const listName = { draft: "drafts", returned: "drafts", submitted: "submitted", processing: "submitted", rejected: "finished", completed: "finished" } as const;

export function Page() {
  const { id = "" } = useParams();
  const { data, error, refetch } = useDossier(id);
  const cache = useDossierCache(id);
  useServerEvents((name, about) => {
    if (name === "dossier" && isAbout(about, id)) void cache.refresh();
  });
  if (!data) return error ? <ProblemAlert error={error} onRetry={() => void refetch()} /> : <PageLoading />;
  return <DossierEditor key={id} dossier={data} />;
}

function DossierEditor({ dossier }: { dossier: Dossier }) {
  const { t } = useTranslation("dossiers");
  const { t: common } = useTranslation();
  const account = useAccount();
  const navigate = useNavigate();
  const notify = useNotify();
  const queries = useQueryClient();
  const cache = useDossierCache(dossier.id);
  const [, setSearch] = useSearchParams();
  const can = (what: string) => dossier.can?.includes(what) ?? false;
  const isEditable = can("save");
  const state = useDossierForm(dossier, account.id, isEditable, cache.accept);
  const { form, isDirty, changed } = state;
  const [submitting, setSubmitting] = useState(false);
  const [problem, setProblem] = useState<unknown>();

  async function save(): Promise<Dossier | undefined> {
    setProblem(undefined);
    try {
      const saved = await state.save();
      if (saved) notify.done(t("dossier.saved"));
      else window.scrollTo({ top: 0 });
      return saved;
    } catch (error) {
      setProblem(error);
      return undefined;
    }
  }
  const ensureSaved = async () => (isDirty ? save() : dossier);

  // Ctrl+S, as everywhere else.
  const saveNow = useRef(save);
  useEffect(() => {
    saveNow.current = save;
  });
  useEffect(() => {
    if (!isEditable) return undefined;
    const pressed = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "s") return;
      event.preventDefault();
      void saveNow.current();
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, [isEditable]);

  async function remove() {
    try {
      await unwrap(api.DELETE("/api/v1/dossiers/{id}", { params: { path: { id: dossier.id } } }));
      state.drafts.forget();
      notify.done(t("dossier.deleted"));
      queries.removeQueries({ queryKey: dossierKey(dossier.id) });
      queries.removeQueries({ queryKey: linesKey(dossier.id) });
      void queries.invalidateQueries({ queryKey: ["dossiers"] });
      await navigate("/ho-so/di");
    } catch (error) {
      notify.failed(error);
    }
  }

  function goTo(finding: Finding) {
    setSubmitting(false);
    if (finding.line) {
      setSearch(
        (before) => {
          const next = new URLSearchParams(before);
          next.set("dong", finding.code === "registry.line.returned" ? "returned" : "problems");
          return next;
        },
        { replace: true, preventScrollReset: true },
      );
      setTimeout(() => document.getElementById("lines")?.scrollIntoView({ block: "start" }), 300);
      return;
    }
    const field = finding.field ?? "";
    const place = field.startsWith("letters/") ? (field.endsWith("revocation") ? "revocation" : "letter") : field === "lines" ? "lines" : field.startsWith("receiver/") ? "receiver" : undefined;
    setTimeout(() => {
      if (place) document.getElementById(place)?.scrollIntoView({ block: "start" });
      else if (field) form.scrollToField(field.split("/"), { block: "center", focus: true });
    }, 300);
  }

  const template = () => download(`/api/v1/templates/${dossier.kind}.xlsx`, `mau-${dossier.kind}.xlsx`).catch(notify.failed);
  const close = () => void navigate(listOf[dossier.state]);
  return (
    <>
      <PageHeader
        title={`${dossier.kind} - ${common(`kind.${dossier.kind}`)}`}
        lead={
          <>
            <span className="d-mono">{dossier.code}</span> <DossierTag state={dossier.state} />
          </>
        }
        crumbs={[{ text: common("work.dossiers") }, { text: common(`work.${listName[dossier.state]}`), to: listOf[dossier.state] }]}
        actions={
          <>
            <SideLinks notes={dossier.notes?.length ?? 0} />
            {isEditable && <Button onClick={() => void template()}>{t("dossier.template")}</Button>}
          </>
        }
      />
      <Stepper dossier={dossier} />
      {dossier.reason && (dossier.state === "returned" || dossier.state === "rejected") && (
        <Alert className="k-gap" type={dossier.state === "rejected" ? "error" : "warning"} showIcon title={t(dossier.state === "rejected" ? "dossier.rejected" : "dossier.returned")} description={dossier.reason} />
      )}
      <DraftNotice drafts={state.drafts} onRestore={state.restore} />
      <ConflictNotice state={state} kind={dossier.kind} />
      <div className="d-columns">
        <div className="d-main-column">
          <Form<FormValues> form={form} component={false} layout="vertical" initialValues={dossier.form} onValuesChange={changed}>
            <GeneralSection dossier={dossier} form={form} isEditable={isEditable} onChange={changed} />
            <div id="receiver">
              <ReceiverSection dossier={dossier} form={form} isEditable={isEditable} onChange={changed} />
            </div>
            {dossier.kind === "06" && (
              <Section title={t("section.coordinator")}>{isEditable ? <ReceiverFields part="coordinator" isShort /> : <ReceiverFacts receiver={dossier.form.coordinator} />}</Section>
            )}
            <div id="lines">
              <LinesSection dossier={dossier} isEditable={isEditable} />
            </div>
            <div id="letter">
              <LetterSection dossier={dossier} form={form} isEditable={isEditable} ensureSaved={ensureSaved} onChange={changed} />
            </div>
            {dossier.kind !== "05" && (
              <div id="revocation">
                <RevocationSection dossier={dossier} form={form} isEditable={isEditable} ensureSaved={ensureSaved} onChange={changed} />
              </div>
            )}
            {(isEditable || dossier.form.note) && (
              <Section title={t("section.note")}>
                {isEditable ? (
                  <Form.Item name="note" label={t("field.note")} className="d-no-gap">
                    <Input.TextArea autoSize={{ minRows: 2, maxRows: 8 }} maxLength={2000} />
                  </Form.Item>
                ) : (
                  <p className="d-no-gap d-pre">{dossier.form.note}</p>
                )}
              </Section>
            )}
          </Form>
        </div>
        <aside className="d-side-column" aria-label={t("dossier.side")}>
          <Notes dossier={dossier} />
          <History id={dossier.id} />
        </aside>
      </div>
      <div className="d-bar d-bar-sticky">
        <ProblemAlert error={problem} />
        <div className="k-row">
          {can("submit") && (
            <Button
              type="primary"
              onClick={() => {
                void (async () => {
                  if (await ensureSaved()) setSubmitting(true);
                })();
              }}
            >
              {t("submit.button")}
            </Button>
          )}
          {isEditable && (
            <Button type={isDirty ? "primary" : "default"} ghost={isDirty} loading={state.saving} onClick={() => void save()} title="Ctrl+S">
              {common("action.save")}
            </Button>
          )}
          {can("delete") && (
            <Popconfirm title={t("dossier.deleteSure")} description={t("dossier.deleteHint")} okText={common("action.delete")} cancelText={common("action.cancel")} okButtonProps={{ danger: true }} onConfirm={remove}>
              <Button danger>{common("action.delete")}</Button>
            </Popconfirm>
          )}
          <Button onClick={close}>{common("action.close")}</Button>
          <span className="k-muted" role="status">
            {isEditable && (isDirty ? t("dossier.unsaved") : t("dossier.allSaved"))}
          </span>
        </div>
      </div>
      <SubmitDialog
        dossier={dossier}
        open={submitting}
        onClose={() => setSubmitting(false)}
        onSubmitted={(submitted) => {
          setSubmitting(false);
          cache.accept(submitted);
          void cache.lines();
          window.scrollTo({ top: 0 });
        }}
        onGo={goTo}
      />
    </>
  );
}
