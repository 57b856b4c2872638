import { DeleteOutlined, EditOutlined, FileExcelOutlined, KeyOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Modal, Popconfirm, Segmented } from "antd";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate, useSearchParams } from "react-router";
import { api, unwrap, upload } from "@/api/client";
import type { Dossier, Line, LineForm } from "@/api/types";
import { Section } from "@/ui/section";
import { UploadBox } from "@/ui/upload-box";
import { useNotify } from "@/ui/use-notify";
import { usePages } from "@/ui/use-pages";
import { grouped } from "@/desk/public-key";
import { CertificateDialog } from "./certificate-dialog";
import { FindingList } from "./finding-list";
import { worst } from "./findings";
import { contentColumns, LineState } from "./line-columns";
import { LineDrawer } from "./line-drawer";
import { isAboutCertificate } from "./line-fields";
import { linesKey, useDossierCache } from "./queries";
import { type Column, RecordPages, type Selection } from "./record-table";

export type LineView = "all" | "problems" | Line["state"];

export function useLines(dossier: string, view: LineView) {
  const query = view === "problems" ? { problems: true } : view === "all" ? {} : { state: view };
  return usePages<Line>([...linesKey(dossier), view], (after) => unwrap(api.GET("/api/v1/dossiers/{id}/lines", { params: { path: { id: dossier }, query: { ...query, after, limit: 100 } } })));
}

interface Props {
  dossier: Dossier;
  isEditable: boolean;
  isOfficer?: boolean;
  selection?: Selection<Line>;
  decide?: (line: Line) => ReactNode; // an officer's buttons in the row
  bar?: ReactNode; // an officer's buttons above
}

// A line may bring its key where nobody makes it on a token.
const takesKey = (dossier: Dossier, line: Line) => dossier.kind <= "04" && (line.device === "pkcs10" || line.device === "token" || !line.device);

export function LinesSection({ dossier, isEditable, isOfficer = false, selection, decide, bar }: Props) {
  const { t } = useTranslation("dossiers");
  const { t: common } = useTranslation();
  const navigate = useNavigate();
  const notify = useNotify();
  const cache = useDossierCache(dossier.id);
  const [search, setSearch] = useSearchParams();
  const view = (search.get("dong") ?? "all") as LineView;
  const pages = useLines(dossier.id, view);
  const [edited, setEdited] = useState<{ line?: Line; start?: LineForm }>();
  const [picking, setPicking] = useState(false);
  const [keyOf, setKeyOf] = useState<Line>();

  const setView = (next: LineView) =>
    setSearch(
      (before) => {
        const after = new URLSearchParams(before);
        if (next === "all") after.delete("dong");
        else after.set("dong", next);
        return after;
      },
      { replace: true, preventScrollReset: true },
    );

  async function remove(line: Line) {
    try {
      await unwrap(api.DELETE("/api/v1/dossiers/{id}/lines/{line}", { params: { path: { id: dossier.id, line: line.id } } }));
      await cache.refresh();
    } catch (error) {
      notify.failed(error);
    }
  }

  const columns: Column<Line>[] = [
    { key: "number", title: common("table.number"), className: "d-number", render: (line) => line.number },
    ...(contentColumns(dossier.kind, t, common) as Column<Line>[]),
    { key: "state", title: t(isOfficer ? "column.decision" : "field.state"), render: (line) => <LineState line={line} isOfficer={isOfficer} t={t} /> },
  ];
  if (decide) columns.push({ key: "decide", title: t("table.actions"), isHidden: true, className: "d-actions", render: decide });
  if (isEditable)
    columns.push({
      key: "actions", title: t("table.actions"), isHidden: true, className: "d-actions",
      render: (line) => (
        <div className="d-row-actions d-icons">
          <Button size="small" icon={<EditOutlined aria-hidden />} aria-label={t("line.editNamed", { name: line.name ?? line.serial })} title={common("action.edit")} onClick={() => setEdited({ line })} />
          {takesKey(dossier, line) && <Button size="small" icon={<KeyOutlined aria-hidden />} aria-label={t("line.keyNamed", { name: line.name ?? line.serial })} title={t("line.key")} onClick={() => setKeyOf(line)} />}
          <Popconfirm title={t("line.deleteSure", { name: line.name ?? line.serial })} okText={common("action.delete")} cancelText={common("action.cancel")} okButtonProps={{ danger: true }} onConfirm={() => remove(line)}>
            <Button size="small" danger icon={<DeleteOutlined aria-hidden />} aria-label={t("line.deleteNamed", { name: line.name ?? line.serial })} title={common("action.delete")} />
          </Popconfirm>
        </div>
      ),
    });

  const views: LineView[] = isOfficer || dossier.state !== "draft" ? ["all", "problems", "pending", "approved", "returned"] : ["all", "problems"];
  return (
    <Section
      title={`3. ${t("section.lines")}`}
      actions={
        isEditable && (
          <>
            <Button type="primary" icon={<PlusOutlined aria-hidden />} onClick={() => (isAboutCertificate(dossier.kind) ? setPicking(true) : setEdited({}))}>
              {t("line.add")}
            </Button>
            <Button icon={<FileExcelOutlined aria-hidden />} onClick={() => void navigate(`/ho-so/${dossier.id}/nhap-excel`)}>
              {t("line.import")}
            </Button>
          </>
        )
      }
    >
      <div className="k-row k-spread k-gap">
        <Segmented<LineView> aria-label={t("line.view")} value={view} onChange={setView} options={views.map((one) => ({ value: one, label: one === "all" ? t("line.all", { count: dossier.line_count }) : one === "problems" ? t("line.problems") : common(`line.${one}`) }))} />
        <span className="k-muted">
          {dossier.state !== "draft" && t("line.counts", { approved: dossier.lines_approved ?? 0, returned: dossier.lines_returned ?? 0, issued: dossier.lines_issued ?? 0 })}
        </span>
      </div>
      {bar}
      <RecordPages
        label={t("section.lines")}
        pages={pages}
        columns={columns}
        rowKey={(line) => line.id}
        selection={selection}
        details={(line) => (line.findings.length > 0 || line.note ? <>{line.note && <p className="d-note">{line.note}</p>}<FindingList findings={line.findings} keyOf={(_, at) => line.findings[at]!.id} /></> : undefined)}
        toneOf={(line) => (worst(line.findings) === "block" ? "bad" : worst(line.findings) === "warn" ? "warn" : undefined)}
        emptyText={
          view === "all" ? (
            <>
              <p>
                <strong>{t("line.none")}</strong>
              </p>
              {isEditable && <p className="d-no-gap">{t("line.noneHint")}</p>}
            </>
          ) : (
            t("line.noneHere")
          )
        }
      />
      <LineDrawer dossier={dossier} line={edited?.line} start={edited?.start} open={!!edited} onClose={() => setEdited(undefined)} onSaved={() => void cache.refresh()} />
      <CertificateDialog dossier={dossier} open={picking} onClose={() => setPicking(false)} onAdded={() => void cache.refresh()} onDetails={(start) => setEdited({ start })} />
      <KeyDialog dossier={dossier} line={keyOf} onClose={() => setKeyOf(undefined)} onSaved={() => void cache.refresh()} />
    </Section>
  );
}

// The certificate request of one line: from an own key, or from a token that already has one.
function KeyDialog({ dossier, line, onClose, onSaved }: { dossier: Dossier; line: Line | undefined; onClose: () => void; onSaved: () => void }) {
  const { t } = useTranslation("dossiers");
  const { t: common } = useTranslation();
  const notify = useNotify();
  if (!line) return null;
  return (
    <Modal open onCancel={onClose} title={t("key.title", { name: line.name ?? line.serial })} footer={<Button onClick={onClose}>{common("action.close")}</Button>}>
      <p>{t("key.text")}</p>
      {line.key_sha256 && (
        <p>
          {t("key.present")} <code>{grouped(line.key_sha256)}</code>
        </p>
      )}
      <UploadBox
        accept={[".csr", ".p10", ".req", ".pem", ".der"]}
        limit={64 * 1024}
        onError={notify.failed}
        send={async (file, onProgress, signal) => {
          await upload<Line>(`/api/v1/dossiers/${encodeURIComponent(dossier.id)}/lines/${encodeURIComponent(line.id)}/pkcs10?revision=${line.revision}`, file, { method: "PUT", onProgress, signal });
          notify.done(t("key.done"));
          onSaved();
          onClose();
        }}
      />
    </Modal>
  );
}
