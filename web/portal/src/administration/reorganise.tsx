import { useQueryClient } from "@tanstack/react-query";
import { Button, Drawer, Form, Input, Radio } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
import type { OrganisationChange } from "@/api/types";
import { today } from "@/lib/format";
import { DateField } from "@/ui/date-field";
import { OrganisationDialog, OrganisationPicker, type OrganisationChoice } from "@/ui/organisation-picker";
import { ProblemAlert } from "@/ui/problem-alert";
import { useFormProblem } from "@/ui/use-form-problem";
import { useNotify } from "@/ui/use-notify";
import { ChangePreview } from "./change-preview";

type Kind = "merge" | "split" | "move" | "dissolve";
interface Fields {
  kind: Kind;
  sources: OrganisationChoice[];
  target: "existing" | "new";
  into?: OrganisationChoice;
  new_name?: string;
  parts?: string;
  parent?: OrganisationChoice;
  instrument: string;
  from: string;
}

function SourceList({ value = [], onChange }: { value?: OrganisationChoice[]; onChange?: (value: OrganisationChoice[]) => void }) {
  const { t } = useTranslation("administration");
  const { t: common } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <>
      <ul className="k-plain">
        {value.map((source) => (
          <li key={source.id} className="k-row k-spread g-source">
            <span>{source.chain.join("; ") || source.name}</span>
            <Button size="small" type="text" onClick={() => onChange?.(value.filter((one) => one.id !== source.id))} aria-label={`${common("action.delete")}: ${source.name}`}>
              {common("action.delete")}
            </Button>
          </li>
        ))}
      </ul>
      <Button onClick={() => setOpen(true)}>{t("organisations.addSource")}</Button>
      <OrganisationDialog open={open} onClose={() => setOpen(false)} onChoose={(one) => onChange?.([...value.filter((other) => other.id !== one.id), one])} />
    </>
  );
}

function bodyOf(fields: Fields, preview: boolean) {
  const { kind, sources, instrument, from } = fields;
  const base = { kind, instrument: instrument.trim(), from, sources: sources.map((source) => source.id), preview };
  if (kind === "merge") return { ...base, into: fields.target === "existing" ? { id: fields.into?.id } : { new: { name: fields.new_name?.trim(), parent: fields.parent?.id } } };
  if (kind === "split") return { ...base, parts: (fields.parts ?? "").split("\n").map((name) => name.trim()).filter(Boolean).map((name) => ({ name })) };
  if (kind === "move") return { ...base, parent: fields.parent?.id };
  return base;
}

// Preview first; it is carried out only as it was previewed: any change of the form asks for a new preview.
export function ReorganiseDrawer({ first, onClose }: { first: OrganisationChoice | undefined; onClose: () => void }) {
  const { t } = useTranslation("administration");
  const { t: common } = useTranslation();
  const queries = useQueryClient();
  const notify = useNotify();
  const [form] = Form.useForm<Fields>();
  const { problem, show, clear } = useFormProblem(form);
  const [preview, setPreview] = useState<OrganisationChange>();
  const [busy, setBusy] = useState(false);
  const kind = Form.useWatch("kind", form) ?? "merge";
  const target = Form.useWatch("target", form) ?? "existing";

  async function send(fields: Fields) {
    setBusy(true);
    clear();
    try {
      const change = await unwrap(api.POST("/api/v1/organisation-changes", { body: bodyOf(fields, !preview) }));
      if (!preview) return setPreview(change);
      notify.done(t("organisations.done"));
      await queries.invalidateQueries({ queryKey: ["organisations"] });
      await queries.invalidateQueries({ queryKey: ["organisation-changes"] });
      onClose();
    } catch (error) {
      show(error);
    } finally {
      setBusy(false);
    }
  }
  const required = (label: string) => [{ required: true, message: common("form.required", { label }) }];
  return (
    <Drawer open onClose={onClose} size={720} title={t("organisations.operation")} closable={{ "aria-label": common("action.close") }}>
      <Form<Fields>
        form={form}
        layout="vertical"
        initialValues={{ kind: "merge", target: "existing", sources: first ? [first] : [], from: today() }}
        onValuesChange={() => setPreview(undefined)}
        onFinish={(fields) => void send(fields)}
      >
        <Form.Item name="kind" label={t("organisations.operationKind")}>
          <Radio.Group options={(["merge", "split", "move", "dissolve"] as const).map((value) => ({ value, label: t(`organisations.${value}`) }))} />
        </Form.Item>
        <Form.Item name="sources" label={t("organisations.sources")} rules={[{ required: true, type: "array", min: 1, message: t("organisations.sourcesMissing") }]}>
          <SourceList />
        </Form.Item>
        {kind === "merge" && (
          <>
            <Form.Item name="target" label={t("organisations.into")}>
              <Radio.Group
                options={[
                  { value: "existing", label: t("organisations.intoExisting") },
                  { value: "new", label: t("organisations.intoNew") },
                ]}
              />
            </Form.Item>
            {target === "existing" ? (
              <Form.Item name="into" label={t("organisations.intoExisting")} rules={required(t("organisations.intoExisting"))}>
                <OrganisationPicker />
              </Form.Item>
            ) : (
              <>
                <Form.Item name="new_name" label={t("organisations.name")} rules={required(t("organisations.name"))}>
                  <Input maxLength={300} />
                </Form.Item>
                <Form.Item name="parent" label={t("organisations.parent")}>
                  <OrganisationPicker allowClear />
                </Form.Item>
              </>
            )}
          </>
        )}
        {kind === "split" && (
          <Form.Item name="parts" label={t("organisations.parts")} extra={t("organisations.partsHint")} rules={required(t("organisations.parts"))}>
            <Input.TextArea rows={3} />
          </Form.Item>
        )}
        {kind === "move" && (
          <Form.Item name="parent" label={t("organisations.newParent")} rules={required(t("organisations.newParent"))}>
            <OrganisationPicker />
          </Form.Item>
        )}
        <div className="k-grid">
          <Form.Item name="instrument" label={t("organisations.instrument")} extra={t("organisations.instrumentHint")} rules={required(t("organisations.instrument"))}>
            <Input maxLength={500} />
          </Form.Item>
          <Form.Item name="from" label={t("organisations.from")} rules={required(t("organisations.from"))}>
            <DateField />
          </Form.Item>
        </div>
        <ProblemAlert error={problem} />
        {preview && <ChangePreview change={preview} />}
        <Button type="primary" htmlType="submit" loading={busy} danger={!!preview}>
          {t(preview ? "organisations.carryOut" : "organisations.preview")}
        </Button>
      </Form>
    </Drawer>
  );
}
