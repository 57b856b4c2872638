import { useQueryClient } from "@tanstack/react-query";
import { Button, Select, type TableProps } from "antd";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { api, unwrap } from "@/api/client";
import type { OutboxEntry } from "@/api/types";
import { useSession } from "@/app/session";
import { useLanguage } from "@/i18n";
import { formatTime } from "@/lib/format";
import { PageHeader } from "@/ui/page-header";
import { PageTable } from "@/ui/page-table";
import { Section } from "@/ui/section";
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
  const columns: TableProps<OutboxEntry>["columns"] = [
    { title: t("outbox.created"), render: (_, entry) => formatTime(entry.created) },
    { title: t("outbox.kind"), render: (_, entry) => t(`outbox.kinds.${entry.kind}`) },
    { title: t("outbox.to"), dataIndex: "to" },
    { title: t("outbox.channel"), render: (_, entry) => t(`outbox.channels.${entry.channel ?? "mail"}`) },
    { title: t("outbox.state"), render: (_, entry) => <Tag tone={tones[entry.state]}>{t(`outbox.states.${entry.state}`)}</Tag> },
    { title: t("outbox.attempts"), dataIndex: "attempts", align: "right" },
    { title: t("outbox.next"), render: (_, entry) => formatTime(entry.next_attempt) },
    {
      title: t("outbox.failure"),
      render: (_, entry) =>
        entry.failure && (
          <>
            {language === "en" ? entry.failure.message_en : entry.failure.message}
            <div className="k-hint">{language === "en" ? entry.failure.next_en : entry.failure.next}</div>
          </>
        ),
    },
    ...(has("administrator")
      ? [
          {
            title: common("action.retry"),
            render: (_: unknown, entry: OutboxEntry) =>
              entry.state !== "sent" && (
                <Button size="small" onClick={() => void retry(entry)} aria-label={`${t("outbox.retry")}: ${entry.to}`}>
                  {t("outbox.retry")}
                </Button>
              ),
          },
        ]
      : []),
  ];
  return (
    <>
      <PageHeader title={t("outbox.title")} lead={t("outbox.lead")} crumbs={[{ text: common("work.administration") }]} />
      <Section>
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
        <PageTable label={t("outbox.title")} pages={pages} rowKey="id" columns={columns} />
      </Section>
    </>
  );
}
