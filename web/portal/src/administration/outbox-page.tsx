import { useQueryClient } from "@tanstack/react-query";
import { Button, Select } from "antd";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { api, unwrap } from "@/api/client";
import type { OutboxEntry } from "@/api/types";
import { useSession } from "@/app/session";
import { Mail } from "@/dossiers/mail";
import { type Column, RecordPages } from "@/dossiers/record-table";
import { useLanguage } from "@/i18n";
import { formatTime } from "@/lib/format";
import { PageHeader } from "@/ui/page-header";
import { Tag } from "@/ui/tags";
import { useNotify } from "@/ui/use-notify";
import { usePages } from "@/ui/use-pages";

const tones = { waiting: "info", sent: "good", failed: "bad" } as const;

export function Page() {
  const { t } = useTranslation("administration");
  const { t: common } = useTranslation();
  const { has } = useSession();
  const language = useLanguage();
  const queries = useQueryClient();
  const notify = useNotify();
  const [query, setQuery] = useSearchParams();
  const state = query.get("state") ?? "";
  const pages = usePages(["outbox", state], (after) => unwrap(api.GET("/api/v1/administration/outbox", { params: { query: { state: state || undefined, after } } })));

  async function retry(entry: OutboxEntry) {
    try {
      await unwrap(api.POST("/api/v1/administration/outbox/{id}/retry", { params: { path: { id: entry.id } } }));
      notify.done(t("outbox.retried"));
      await queries.invalidateQueries({ queryKey: ["outbox"] });
    } catch (error) {
      notify.failed(error);
    }
  }
  const columns: Column<OutboxEntry>[] = [
    { key: "created", title: t("outbox.created"), render: (entry) => formatTime(entry.created) },
    {
      key: "kind",
      title: t("outbox.kind"),
      render: (entry) => (
        <>
          <strong>{t(`outbox.kinds.${entry.kind}`)}</strong>
          <small>{t(`outbox.channels.${entry.channel ?? "mail"}`)}</small>
        </>
      ),
    },
    { key: "to", title: t("outbox.to"), className: "d-broad", render: (entry) => <Mail address={entry.to} /> },
    {
      key: "state",
      title: t("outbox.state"),
      className: "d-broad",
      render: (entry) => (
        <>
          <Tag tone={tones[entry.state]}>{t(`outbox.states.${entry.state}`)}</Tag>
          {entry.failure && (
            <>
              <div>{language === "en" ? entry.failure.message_en : entry.failure.message}</div>
              <small>{language === "en" ? entry.failure.next_en : entry.failure.next}</small>
            </>
          )}
        </>
      ),
    },
    {
      key: "attempts",
      title: t("outbox.attempts"),
      render: (entry) => (
        <>
          {entry.attempts}
          {entry.next_attempt && <small>{t("outbox.next", { time: formatTime(entry.next_attempt) })}</small>}
        </>
      ),
    },
  ];
  if (has("administrator"))
    columns.push({
      key: "retry",
      title: common("action.retry"),
      isHidden: true,
      className: "d-actions",
      render: (entry) =>
        entry.state !== "sent" && (
          <Button size="small" onClick={() => void retry(entry)} aria-label={`${t("outbox.retry")}: ${entry.to}`}>
            {t("outbox.retry")}
          </Button>
        ),
    });
  return (
    <>
      <PageHeader title={t("outbox.title")} lead={t("outbox.lead")} crumbs={[{ text: common("work.administration") }]} />
      <div className="k-filter">
        <div>
          <label htmlFor="outbox-state">{t("outbox.state")}</label>
          <Select
            id="outbox-state"
            className="k-wide"
            value={state}
            onChange={(value) => setQuery(value ? { state: value } : {}, { replace: true })}
            options={[{ value: "", label: t("outbox.all") }, ...(["waiting", "failed", "sent"] as const).map((value) => ({ value, label: t(`outbox.states.${value}`) }))]}
          />
        </div>
      </div>
      <RecordPages label={t("outbox.title")} pages={pages} rowKey={(entry) => entry.id} columns={columns} />
    </>
  );
}
