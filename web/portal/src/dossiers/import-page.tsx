import { CheckCircleFilled, CloseCircleFilled, DownloadOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Alert, Button, Segmented } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate, useParams, useSearchParams } from "react-router";
import { api, download, unwrap, upload } from "@/api/client";
import type { Dossier, ImportPreview } from "@/api/types";
import { useLanguage } from "@/i18n";
import { formatNumber } from "@/lib/format";
import { PageHeader } from "@/ui/page-header";
import { PageLoading } from "@/ui/page-loading";
import { ProblemAlert } from "@/ui/problem-alert";
import { Section } from "@/ui/section";
import { UploadBox } from "@/ui/upload-box";
import { useNotify } from "@/ui/use-notify";
import { usePages } from "@/ui/use-pages";
import { FindingList, LevelIcon } from "./finding-list";
import { messageOf, nextOf } from "./findings";
import { byCell, chosenCount, chosenRows, type ImportRow } from "./import-choice";
import { contentColumns } from "./line-columns";
import { useDossier, useDossierCache } from "./queries";
import { type Column, RecordPages } from "./record-table";
import { withFields } from "./refused";

const workbookLimit = 8 * 1024 * 1024;

// "Import Excel": the template, the file, a preview with faults by cell, then what fits goes into the list.
export function Page() {
  const { t } = useTranslation("dossiers");
  const { t: common } = useTranslation();
  const { id = "" } = useParams();
  const [search, setSearch] = useSearchParams();
  const { data: dossier, error, refetch } = useDossier(id);
  const notify = useNotify();
  const importId = search.get("import");
  if (!dossier) return error ? <ProblemAlert error={error} onRetry={() => void refetch()} /> : <PageLoading />;
  const template = () => download(`/api/v1/templates/${dossier.kind}.xlsx`, `mau-${dossier.kind}.xlsx`).catch(notify.failed);
  return (
    <>
      <PageHeader
        title={t("import.title")}
        lead={`${dossier.kind} - ${common(`kind.${dossier.kind}`)}`}
        crumbs={[{ text: common("work.dossiers"), to: "/ho-so/di" }, { text: dossier.form.letter_number || dossier.code, to: `/ho-so/${id}` }, { text: t("line.import") }]}
        actions={
          <Button icon={<DownloadOutlined aria-hidden />} onClick={() => void template()}>
            {t("dossier.template")}
          </Button>
        }
      />
      <Section title={`1. ${t("import.file")}`}>
        {!importId && <p>{t("import.fileText")}</p>}
        <UploadBox
          accept={[".xlsx", ".csv"]}
          limit={workbookLimit}
          compact={!!importId}
          title={importId ? t("import.again") : undefined}
          onError={notify.failed}
          send={async (file, onProgress, signal) => {
            const preview = await upload<ImportPreview>(`/api/v1/dossiers/${encodeURIComponent(id)}/import`, file, { limit: workbookLimit, onProgress, signal });
            setSearch({ import: preview.id }, { replace: true });
          }}
        />
      </Section>
      {importId && <Preview key={importId} dossier={dossier} importId={importId} />}
    </>
  );
}

function Preview({ dossier, importId }: { dossier: Dossier; importId: string }) {
  const { t, i18n } = useTranslation("dossiers");
  const { t: common } = useTranslation();
  const language = useLanguage();
  const navigate = useNavigate();
  const notify = useNotify();
  const cache = useDossierCache(dossier.id);
  const [view, setView] = useState<"all" | "problems">("all");
  const [left, setLeft] = useState<ReadonlySet<number>>(new Set());
  const [busy, setBusy] = useState(false);
  const path = { id: dossier.id, import: importId };
  const load = (query: { problems?: boolean; after?: string; limit?: number }) => unwrap(api.GET("/api/v1/dossiers/{id}/import/{import}", { params: { path, query } }));
  const { data: head, error } = useQuery({ queryKey: ["import", dossier.id, importId], queryFn: () => load({ limit: 1 }) });
  const pages = usePages<ImportRow>(["import-rows", dossier.id, importId, view], async (after) => {
    const { rows, next } = await load({ problems: view === "problems" || undefined, after, limit: 100 });
    return { items: rows, next };
  });
  if (!head) return <ProblemAlert error={error} />;
  const number = (value: number) => formatNumber(value, i18n.language);
  const chosen = chosenCount(head, left);
  const faulty = head.rows_total - head.rows_compatible;

  async function everyRow(): Promise<ImportRow[]> {
    const rows: ImportRow[] = [];
    let after: string | undefined;
    do {
      const answer = await load({ after, limit: 200 });
      rows.push(...answer.rows);
      after = answer.next;
    } while (after);
    return rows;
  }

  async function confirm() {
    setBusy(true);
    try {
      const rows = left.size > 0 ? chosenRows(await everyRow(), left) : undefined;
      const result = await unwrap(api.POST("/api/v1/dossiers/{id}/import/{import}", { params: { path }, body: { rows } }));
      notify.done(t("line.addedMany", { count: result.added }));
      await cache.refresh();
      await navigate(`/ho-so/${dossier.id}`);
    } catch (failure) {
      notify.failed(withFields(failure, language));
      setBusy(false);
    }
  }

  const columns: Column<ImportRow>[] = [
    { key: "row", title: t("import.row"), className: "d-number", render: (row) => row.row },
    ...contentColumns(dossier.kind, t, common).map((column): Column<ImportRow> => ({ ...column, render: (row) => column.render(row.line) })),
    {
      key: "compatible", title: t("import.compatible"), className: "d-narrow",
      render: (row) =>
        row.compatible ? (
          <span className="d-good-text">
            <CheckCircleFilled aria-hidden /> {common("yes")}
          </span>
        ) : (
          <span className="d-bad-text">
            <CloseCircleFilled aria-hidden /> {common("no")}
          </span>
        ),
    },
  ];
  const faults = (row: ImportRow) => (
    <ul className="k-plain d-cells">
      {byCell(row.faults).map(({ cell, title, value, faults: found }) => (
        <li key={cell}>
          <span className="d-cell">
            <b>{cell}</b> {title}
          </span>
          {value && <q className="d-cell-value">{value}</q>}
          <span>
            {found.map((fault, at) => (
              <span key={at} className="d-cell-fault">
                <LevelIcon level={fault.level} /> {messageOf(fault, language)} <span className="k-muted">{nextOf(fault, language)}</span>
              </span>
            ))}
          </span>
        </li>
      ))}
    </ul>
  );

  return (
    <Section
      title={`2. ${t("import.preview")}`}
      actions={
        (head.faults_total ?? faulty) > 0 && (
          <Button icon={<DownloadOutlined aria-hidden />} onClick={() => void download(`/api/v1/dossiers/${encodeURIComponent(dossier.id)}/import/${encodeURIComponent(importId)}/faults.xlsx`, "loi-nhap-excel.xlsx").catch(notify.failed)}>
            {t("import.faultsFile")}
          </Button>
        )
      }
    >
      <p className="k-muted">{head.file}</p>
      <p className="k-hidden" role="status">
        {t("import.said", { total: number(head.rows_total), fit: number(head.rows_compatible), faulty: number(faulty) })}
      </p>
      <dl className="d-figures">
        <div>
          <dt>{t("import.total")}</dt>
          <dd>{number(head.rows_total)}</dd>
        </div>
        <div className="d-figure-good">
          <dt>{t("import.fit")}</dt>
          <dd>{number(head.rows_compatible)}</dd>
        </div>
        <div className={faulty > 0 ? "d-figure-bad" : undefined}>
          <dt>{t("import.faulty")}</dt>
          <dd>{number(faulty)}</dd>
        </div>
      </dl>
      {head.remarks.length > 0 && <Alert className="k-gap" type="warning" title={<FindingList findings={head.remarks} />} />}
      <div className="k-row k-spread k-gap">
        <Segmented aria-label={t("line.view")} value={view} onChange={setView} options={[{ value: "all", label: t("import.all") }, { value: "problems", label: t("import.onlyFaulty") }]} />
        {left.size > 0 && (
          <Button type="link" onClick={() => setLeft(new Set())}>
            {t("import.takeAll")}
          </Button>
        )}
      </div>
      <RecordPages
        label={t("import.preview")}
        pages={pages}
        columns={columns}
        rowKey={(row) => String(row.row)}
        details={(row) => (row.faults.length > 0 ? faults(row) : undefined)}
        toneOf={(row) => (!row.compatible ? "bad" : row.faults.length > 0 ? "warn" : undefined)}
        emptyText={view === "problems" ? t("import.noFaults") : undefined}
        selection={{
          selected: new Set(pages.items.filter((row) => row.compatible && !left.has(row.row)).map((row) => String(row.row))),
          onChange: (selected) => {
            const next = new Set(left);
            for (const row of pages.items) if (row.compatible) {
                if (selected.has(String(row.row))) next.delete(row.row);
                else next.add(row.row);
              }
            setLeft(next);
          },
          canSelect: (row) => row.compatible,
          nameOf: (row) => `${row.row}: ${row.line.name ?? row.line.serial ?? ""}`,
        }}
      />
      <div className="d-bar d-bar-sticky">
        <div className="k-row">
          <Button type="primary" disabled={chosen === 0} loading={busy} onClick={() => void confirm()}>
            {t("import.confirm", { count: chosen })}
          </Button>
          <Button onClick={() => void navigate(`/ho-so/${dossier.id}`)}>{common("action.close")}</Button>
          {faulty > 0 && <span className="k-muted">{t("import.confirmHint", { count: faulty })}</span>}
        </div>
      </div>
    </Section>
  );
}
