import { useQueryClient } from "@tanstack/react-query";
import { App, Button, Drawer, Form, Input, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { api, unwrap, upload } from "@/api/client";
import type { Content, ContentForm, ContentKind } from "@/api/types";
import { type Column, RecordPages } from "@/dossiers/record-table";
import { formatDate, formatSize, today } from "@/lib/format";
import { DateField } from "@/ui/date-field";
import { Markdown } from "@/ui/markdown";
import { PageHeader } from "@/ui/page-header";
import { ProblemAlert } from "@/ui/problem-alert";
import { Tag } from "@/ui/tags";
import { UploadBox } from "@/ui/upload-box";
import { useFormProblem } from "@/ui/use-form-problem";
import { useNotify } from "@/ui/use-notify";
import { usePages } from "@/ui/use-pages";

const kinds: ContentKind[] = ["news", "guide", "resource", "legal", "contact"];
const holdsFile = (kind: ContentKind) => kind === "resource" || kind === "legal" || kind === "guide";
const fileTypes = [".pdf", ".docx", ".xlsx", ".zip", ".deb", ".exe", ".msi", ".cer", ".crt", ".crl", ".p7b"];
const fileLimit = 64 * 1024 * 1024;

type Fields = Omit<ContentForm, "kind" | "published"> & { published: string };

function Editor({ entry, kind, onClose }: { entry: Content | undefined; kind: ContentKind; onClose: () => void }) {
  const { t, i18n } = useTranslation("administration");
  const { t: common } = useTranslation();
  const queries = useQueryClient();
  const notify = useNotify();
  const [form] = Form.useForm<Fields>();
  const { problem, show, clear } = useFormProblem(form);
  const [saved, setSaved] = useState(entry);
  const [busy, setBusy] = useState(false);
  const text = Form.useWatch("text", form);
  const hasFile = holdsFile(kind);

  async function save(fields: Fields) {
    setBusy(true);
    clear();
    try {
      // From the beginning of the day in Viet Nam; an unchanged day keeps its time.
      const published = saved && formatDate(saved.published) === formatDate(fields.published) ? saved.published : `${fields.published}T00:00:00+07:00`;
      const body: ContentForm = { ...fields, kind, published };
      const content = saved
        ? await unwrap(api.PUT("/api/v1/administration/content/{id}", { params: { path: { id: saved.id } }, body }))
        : await unwrap(api.POST("/api/v1/administration/content", { body }));
      notify.done(t("content.saved"));
      await queries.invalidateQueries({ queryKey: ["content"] });
      if (saved || !hasFile) onClose();
      else setSaved(content);
    } catch (error) {
      show(error);
    } finally {
      setBusy(false);
    }
  }
  const published = entry?.published ? formatDate(entry.published).split("/").reverse().join("-") : today();
  return (
    <Drawer open onClose={onClose} size={760} title={t(saved ? "content.edit" : "content.new")} closable={{ "aria-label": common("action.close") }}>
      <Form<Fields> form={form} layout="vertical" initialValues={{ ...entry, published }} onFinish={(fields) => void save(fields)}>
        <Form.Item name="title" label={t("content.entryTitle")} rules={[{ required: true, whitespace: true, message: common("form.required", { label: t("content.entryTitle") }) }]}>
          <Input maxLength={300} />
        </Form.Item>
        <Form.Item name="title_en" label={t("content.titleEn")}>
          <Input maxLength={300} lang="en" />
        </Form.Item>
        {(kind === "resource" || kind === "legal") && (
          <div className="k-grid">
            <Form.Item name="group" label={t("content.group")} extra={t("content.groupHint")}>
              <Input maxLength={100} />
            </Form.Item>
            <Form.Item name="link" label={t("content.link")} rules={[{ pattern: /^(?:https:\/\/|\/(?!\/))/, message: t("content.linkFault") }]}>
              <Input maxLength={1000} spellCheck={false} />
            </Form.Item>
          </div>
        )}
        <Form.Item name="text" label={t("content.text")}>
          <Input.TextArea rows={8} maxLength={20_000} />
        </Form.Item>
        {text && (
          <details className="k-gap">
            <summary>{t("content.preview")}</summary>
            <Markdown text={text} topLevel={3} />
          </details>
        )}
        <Form.Item name="text_en" label={t("content.textEn")}>
          <Input.TextArea rows={3} maxLength={20_000} lang="en" />
        </Form.Item>
        <Form.Item name="published" label={t("content.published")} rules={[{ required: true, message: common("form.required", { label: t("content.published") }) }]}>
          <DateField />
        </Form.Item>
        <ProblemAlert error={problem} />
        <Button type="primary" htmlType="submit" loading={busy}>
          {common("action.save")}
        </Button>
      </Form>
      {hasFile && (
        <>
          <h3>{t("content.file")}</h3>
          {saved ? (
            <>
              <p>{saved.file ? `${saved.file} (${formatSize(saved.size ?? 0, i18n.language)})` : t("content.noFile")}</p>
              <UploadBox
                compact
                accept={fileTypes}
                limit={fileLimit}
                onError={notify.failed}
                send={async (file, onProgress, signal) => {
                  await upload(`/api/v1/administration/content/${saved.id}/file`, file, { method: "PUT", onProgress, signal, limit: fileLimit });
                  notify.done(t("content.fileSaved"));
                  setSaved({ ...saved, file: file.name, size: file.size });
                  await queries.invalidateQueries({ queryKey: ["content"] });
                }}
              />
            </>
          ) : (
            <p className="k-hint">{t("content.fileAfter")}</p>
          )}
        </>
      )}
    </Drawer>
  );
}

export function Page() {
  const { t } = useTranslation("administration");
  const { t: common } = useTranslation();
  const { modal } = App.useApp();
  const queries = useQueryClient();
  const notify = useNotify();
  const [query, setQuery] = useSearchParams();
  const kind = kinds.find((one) => one === query.get("kind")) ?? "news";
  const [editing, setEditing] = useState<{ entry?: Content }>();
  const pages = usePages(["content", "administration", kind], (after) => unwrap(api.GET("/api/v1/public/content", { params: { query: { kind, after } } })));

  function remove(entry: Content) {
    modal.confirm({
      title: t("content.delete"),
      content: entry.title,
      okText: common("action.delete"),
      okButtonProps: { danger: true },
      onOk: async () => {
        try {
          await unwrap(api.DELETE("/api/v1/administration/content/{id}", { params: { path: { id: entry.id } } }));
          notify.done(t("content.deleted"));
          await queries.invalidateQueries({ queryKey: ["content"] });
        } catch (error) {
          notify.failed(error);
        }
      },
    });
  }
  const columns: Column<Content>[] = [
    { key: "title", title: t("content.entryTitle"), className: "d-broad", render: (entry) => <Button type="link" className="k-cell-link" onClick={() => setEditing({ entry })}>{entry.title}</Button> },
    ...(kind === "resource" || kind === "legal" ? [{ key: "group", title: t("content.group"), render: (entry: Content) => entry.group }] : []),
    ...(holdsFile(kind) ? [{ key: "file", title: t("content.file"), render: (entry: Content) => entry.file }] : []),
    {
      key: "published",
      title: t("content.published"),
      render: (entry) => (
        <>
          {formatDate(entry.published)} {new Date(entry.published) > new Date() && <Tag tone="warn">{t("content.notYet")}</Tag>}
        </>
      ),
    },
    {
      key: "delete",
      title: common("action.delete"),
      isHidden: true,
      className: "d-actions",
      render: (entry) => (
        <Button size="small" onClick={() => remove(entry)} aria-label={`${common("action.delete")}: ${entry.title}`}>
          {common("action.delete")}
        </Button>
      ),
    },
  ];
  return (
    <>
      <PageHeader title={t("content.title")} lead={t("content.lead")} crumbs={[{ text: common("work.administration") }]} actions={<Button type="primary" onClick={() => setEditing({})}>{t("content.new")}</Button>} />
      <div className="k-filter">
        <div>
          <label htmlFor="content-kind">{t("content.kind")}</label>
          <Select id="content-kind" className="k-wide" value={kind} onChange={(value) => setQuery({ kind: value }, { replace: true })} options={kinds.map((value) => ({ value, label: t(`content.kinds.${value}`) }))} />
        </div>
      </div>
      <RecordPages label={t("content.title")} pages={pages} rowKey={(entry) => entry.id} columns={columns} />
      {editing && <Editor key={editing.entry?.id ?? "new"} entry={editing.entry} kind={kind} onClose={() => setEditing(undefined)} />}
    </>
  );
}
