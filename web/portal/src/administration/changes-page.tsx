import { useQueryClient } from "@tanstack/react-query";
import { App, Button } from "antd";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
import type { OrganisationChange } from "@/api/types";
import { useSession } from "@/app/session";
import { type Column, RecordPages } from "@/dossiers/record-table";
import { useLanguage } from "@/i18n";
import { formatDate, formatTime } from "@/lib/format";
import { PageHeader } from "@/ui/page-header";
import { useNotify } from "@/ui/use-notify";
import { usePages } from "@/ui/use-pages";

const shownEffects = 3;

export function Page() {
  const { t } = useTranslation("administration");
  const { t: common } = useTranslation();
  const { modal } = App.useApp();
  const { has } = useSession();
  const language = useLanguage();
  const queries = useQueryClient();
  const notify = useNotify();
  const pages = usePages(["organisation-changes"], (after) => unwrap(api.GET("/api/v1/organisation-changes", { params: { query: { after } } })));

  function undo(change: OrganisationChange) {
    modal.confirm({
      title: t("organisations.undo"),
      content: t("organisations.undoText"),
      okText: t("organisations.undo"),
      okButtonProps: { danger: true },
      onOk: async () => {
        try {
          await unwrap(api.POST("/api/v1/organisation-changes/{id}/undo", { params: { path: { id: change.id ?? "" } } }));
          notify.done(t("organisations.undone"));
          await queries.invalidateQueries({ queryKey: ["organisation-changes"] });
          await queries.invalidateQueries({ queryKey: ["organisations"] });
        } catch (error) {
          notify.failed(error);
        }
      },
    });
  }
  const columns: Column<OrganisationChange>[] = [
    {
      key: "done",
      title: t("organisations.when"),
      render: (change) => (
        <>
          {formatTime(change.done)}
          <small>{change.by}</small>
        </>
      ),
    },
    { key: "kind", title: t("organisations.operationKind"), render: (change) => t(`changeKind.${change.kind}`) },
    { key: "instrument", title: t("organisations.instrument"), className: "d-broad", render: (change) => change.instrument },
    { key: "from", title: t("organisations.from"), className: "d-narrow", render: (change) => formatDate(change.from) },
    {
      key: "effects",
      title: t("organisations.effects"),
      className: "d-broad",
      render: (change) => (
        <>
          {change.effects.slice(0, shownEffects).map((effect, at) => (
            <div key={at}>{language === "en" ? effect.text_en : effect.text}</div>
          ))}
          {change.effects.length > shownEffects && <small>{t("organisations.moreEffects", { count: change.effects.length - shownEffects })}</small>}
        </>
      ),
    },
    {
      key: "undo",
      title: t("organisations.undo"),
      isHidden: true,
      className: "d-actions",
      render: (change) =>
        change.undone ? (
          <span className="k-muted">{t("organisations.undoneAt", { time: formatTime(change.undone) })}</span>
        ) : (
          has("administrator") && (
            <Button size="small" onClick={() => undo(change)}>
              {t("organisations.undo")}
            </Button>
          )
        ),
    },
  ];
  return (
    <>
      <PageHeader title={t("organisations.changes")} crumbs={[{ text: common("work.administration") }, { text: t("organisations.title"), to: "/quan-tri/co-quan" }]} />
      <RecordPages label={t("organisations.changes")} pages={pages} rowKey={(change) => change.id ?? ""} columns={columns} />
    </>
  );
}
