import "./dossiers.css";
import { useQuery } from "@tanstack/react-query";
import { Button, Checkbox, Input } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
import type { Dossier } from "@/api/types";
import { useAccount } from "@/app/session";
import { useLanguage } from "@/i18n";
import { useDraft } from "@/lib/drafts";
import { formatTime } from "@/lib/format";
import { ProblemAlert } from "@/ui/problem-alert";
import { Section } from "@/ui/section";
import { Tag } from "@/ui/tags";
import { useNotify } from "@/ui/use-notify";
import { historyKey, useDossierCache } from "./queries";

// Where notes and history stand below the dossier, one press leads there.
export function SideLinks({ notes }: { notes: number }) {
  const { t } = useTranslation("dossiers");
  const go = (part: "notes" | "history") => {
    const section = document.querySelector<HTMLElement>(`.d-anchor-${part}`);
    section?.scrollIntoView({ block: "start" });
    section?.querySelector<HTMLElement>("textarea")?.focus({ preventScroll: true });
  };
  return (
    <span className="d-side-links">
      <Button type="text" onClick={() => go("notes")}>
        {t("section.notes")} {notes > 0 && <span className="k-count">{notes}</span>}
      </Button>
      <Button type="text" onClick={() => go("history")}>
        {t("section.history")}
      </Button>
    </span>
  );
}

// Notes that both sides read; officers may keep some to themselves.
export function Notes({ dossier, isOfficer, canWrite = true }: { dossier: Dossier; isOfficer?: boolean; canWrite?: boolean }) {
  const { t } = useTranslation("dossiers");
  const { t: common } = useTranslation();
  const notify = useNotify();
  const account = useAccount();
  const cache = useDossierCache(dossier.id);
  const id = useId();
  const drafts = useDraft<string>(`${account.id}/note/${dossier.id}`);
  const [typed, setTyped] = useState<string>();
  const [internal, setInternal] = useState(false);
  const [busy, setBusy] = useState(false);
  const text = typed ?? drafts.found?.value ?? "";

  async function send() {
    if (!text.trim()) return;
    setBusy(true);
    try {
      await unwrap(api.POST("/api/v1/dossiers/{id}/notes", { params: { path: { id: dossier.id } }, body: { text: text.trim(), internal: (isOfficer && internal) || undefined } }));
      setTyped("");
      drafts.forget();
      notify.done(t("note.sent"));
      await cache.refresh();
    } catch (error) {
      notify.failed(error);
    } finally {
      setBusy(false);
    }
  }
  return (
    <Section title={t("section.notes")} className="d-side-section d-anchor-notes">
      {(dossier.notes?.length ?? 0) === 0 && <p className="k-muted">{t("note.none")}</p>}
      <ul className="k-plain d-notes">
        {dossier.notes?.map((note) => (
          <li key={`${note.at}${note.by}`} className={note.internal ? "d-internal" : undefined}>
            <p className="d-note-text">{note.text}</p>
            <small>
              {note.by} · {formatTime(note.at)} {note.internal && <Tag tone="warn">{t("note.internal")}</Tag>}
            </small>
          </li>
        ))}
      </ul>
      {canWrite && (
        <>
          <label htmlFor={id} className="d-label-above">
            {t("note.write")}
          </label>
          <Input.TextArea
            id={id}
            value={text}
            maxLength={2000}
            autoSize={{ minRows: 2, maxRows: 8 }}
            onChange={(event) => {
              setTyped(event.target.value);
              drafts.keep(event.target.value);
            }}
          />
          <div className="k-row d-above-small">
            <Button onClick={() => void send()} loading={busy} disabled={!text.trim()}>
              {common("action.send")}
            </Button>
            {isOfficer && (
              <Checkbox checked={internal} onChange={(event) => setInternal(event.target.checked)}>
                {t("note.internalOnly")}
              </Checkbox>
            )}
          </div>
        </>
      )}
    </Section>
  );
}

// Who did what when, the latest first.
export function History({ id }: { id: string }) {
  const { t } = useTranslation("dossiers");
  const language = useLanguage();
  const { data, error, refetch } = useQuery({ queryKey: historyKey(id), queryFn: () => unwrap(api.GET("/api/v1/dossiers/{id}/history", { params: { path: { id } } })) });
  return (
    <Section title={t("section.history")} className="d-side-section d-anchor-history">
      <ProblemAlert error={error} onRetry={() => void refetch()} />
      {data?.items.length === 0 && <p className="k-muted">{t("history.none")}</p>}
      <ol className="k-plain d-history">
        {data?.items.toReversed().map((entry) => (
          <li key={`${entry.at}${entry.kind}${entry.text}`} className={`d-event d-event-${entry.kind.replace(/\W/g, "-")}`}>
            <span>{(language === "en" && entry.text_en) || entry.text}</span>
            <small>
              <time dateTime={entry.at}>{formatTime(entry.at)}</time>
              {entry.by && ` · ${entry.by}`}
            </small>
          </li>
        ))}
      </ol>
    </Section>
  );
}
