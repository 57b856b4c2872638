import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { DossierRow } from "@/api/types";
import { formatDate, formatTime } from "@/lib/format";
import { DossierTag, DueTag } from "@/ui/tags";
import type { Pages } from "@/ui/use-pages";
import { type Column, RecordPages, type Selection } from "./record-table";

interface Props {
  pages: Pages<DossierRow>;
  label: string;
  addressOf: (dossier: DossierRow) => string;
  box: "draft" | "submitted" | "finished" | "all" | "desk";
  emptyText?: ReactNode;
  selection?: Selection<DossierRow>;
  actions?: (dossier: DossierRow) => ReactNode;
}

// Dossiers in a list, of the organisation or of the desk: the columns that people know.
export function DossierRecords({ pages, label, addressOf, box, emptyText, selection, actions }: Props) {
  const { t } = useTranslation("dossiers");
  const { t: common } = useTranslation();
  const isDraft = box === "draft";

  const counts = (dossier: DossierRow) => {
    const differs = dossier.stated_count !== undefined && dossier.stated_count !== dossier.line_count;
    return (
      <span className={differs ? "d-warn-text" : undefined}>
        {dossier.stated_count ?? "–"} / {dossier.line_count}
        {differs && <span className="k-hidden"> ({t("list.differs")})</span>}
      </span>
    );
  };
  const columns: Column<DossierRow>[] = [
    {
      key: "code", title: t("field.code"), className: "d-code",
      render: (dossier) => (
        <>
          <Link to={addressOf(dossier)} className="d-main">
            {dossier.letter_number || common(`kind.${dossier.kind}`)}
          </Link>
          <small className="d-mono">{dossier.code}</small>
        </>
      ),
    },
    {
      key: "kind", title: t("field.kind"), className: "d-broad",
      render: (dossier) => (
        <>
          {dossier.kind} - {common(`kind.${dossier.kind}`)}
          {(box === "desk" || box === "all") && <small>{dossier.organisation.chain.join("; ") || dossier.organisation.name}</small>}
        </>
      ),
    },
    { key: "count", title: t("list.counts"), className: "d-narrow", render: counts },
    isDraft
      ? { key: "created", title: t("field.created"), className: "d-narrow", render: (dossier) => formatTime(dossier.created) }
      : {
          key: "received", title: t("field.received"), className: "d-narrow",
          render: (dossier) => (dossier.received ? formatTime(dossier.received) : <>{t("list.sent", { time: formatTime(dossier.submitted ?? dossier.created) })}</>),
        },
    {
      key: "state", title: t("field.state"),
      render: (dossier) => (
        <div className="d-states">
          <DossierTag state={dossier.state} />
          {box === "desk" && dossier.state === "processing" && dossier.step && <small>{common(`step.${dossier.step}`)}</small>}
          {dossier.state === "processing" && <DueTag due={dossier.due} urgency={dossier.urgency} />}
          {dossier.appointment && <small>{t("list.appointment", { date: formatDate(dossier.appointment) })}</small>}
          {box === "desk" && dossier.handler && <small>{dossier.handler}</small>}
        </div>
      ),
    },
  ];
  if (actions) columns.push({ key: "actions", title: t("table.actions"), isHidden: true, className: "d-actions", render: actions });
  return <RecordPages label={label} pages={pages} columns={columns} rowKey={(dossier) => dossier.id} selection={selection} emptyText={emptyText} toneOf={(dossier) => (dossier.urgency === "overdue" ? "bad" : dossier.urgency === "soon" ? "warn" : undefined)} />;
}
