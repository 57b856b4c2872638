import { useQueryClient } from "@tanstack/react-query";
import { App, Button, type TableProps } from "antd";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
import type { OrganisationChange } from "@/api/types";
import { useSession } from "@/app/session";
import { formatDate, formatTime } from "@/lib/format";
import { PageHeader } from "@/ui/page-header";
import { PageTable } from "@/ui/page-table";
import { Section } from "@/ui/section";
import { Tag } from "@/ui/tags";
import { useNotify } from "@/ui/use-notify";
import { usePages } from "@/ui/use-pages";

export function Page() {
  const { t } = useTranslation("administration");
  const { t: common } = useTranslation();
  const { modal } = App.useApp();
  const { has } = useSession();
  const queries = useQueryClient();
  const notify = useNotify();
  const pages = usePages(["organisation-changes"], (after) => unwrap(api.GET("/api/v1/organisation-changes", { params: { query: { after } } })));

  function undo(change: OrganisationChange) {
    modal.confirm({
      title: t("organisations.undo"),
      content: t("organisations.undoText"),
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
  const columns: TableProps<OrganisationChange>["columns"] = [
    { title: t("organisations.when"), render: (_, change) => formatTime(change.done) },
    { title: t("organisations.operationKind"), render: (_, change) => t(`changeKind.${change.kind}`) },
    { title: t("organisations.instrument"), dataIndex: "instrument" },
    { title: t("organisations.from"), render: (_, change) => formatDate(change.from) },
    { title: t("organisations.by"), dataIndex: "by" },
    { title: t("organisations.effects"), render: (_, change) => t("organisations.affected", { organisations: change.affected_organisations ?? 0, certificates: change.affected_certificates ?? 0, accounts: change.affected_accounts ?? 0 }) },
    {
      title: t("organisations.undo"),
      render: (_, change) =>
        change.undone ? (
          <Tag>{t("organisations.undoneAt", { time: formatTime(change.undone) })}</Tag>
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
      <Section>
        <PageTable label={t("organisations.changes")} pages={pages} rowKey="id" columns={columns} />
      </Section>
    </>
  );
}
