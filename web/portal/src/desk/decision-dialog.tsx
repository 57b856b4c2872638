import "./desk.css";
import { useQueryClient } from "@tanstack/react-query";
import { Form, Input, Modal } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
import type { Dossier, Line } from "@/api/types";
import { FindingList } from "@/dossiers/finding-list";
import { linesKey } from "@/dossiers/queries";
import { today } from "@/lib/format";
import { DateField } from "@/ui/date-field";
import { ProblemAlert } from "@/ui/problem-alert";
import { useNotify } from "@/ui/use-notify";

export interface Decided {
  decision: "approve" | "return";
  lines?: Line[]; // one, with what was found in it
  ids?: string[]; // several; "*" for all that wait
  count?: number;
}
interface Values {
  reason?: string;
  profile?: string;
  valid_to?: string;
}

// Duyệt or Trả về. A reason is needed to return, and to let something pass that the checks block.
export function DecisionDialog(props: { dossier: Dossier; decided: Decided | undefined; onClose: () => void; onDone: (dossier: Dossier) => void }) {
  return props.decided ? <Body {...props} decided={props.decided} /> : null;
}

function Body({ dossier, decided, onClose, onDone }: { dossier: Dossier; decided: Decided; onClose: () => void; onDone: (dossier: Dossier) => void }) {
  const { t } = useTranslation("desk");
  const { t: common } = useTranslation();
  const notify = useNotify();
  const queries = useQueryClient();
  const [form] = Form.useForm<Values>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const approves = decided.decision === "approve";
  const ids = decided.ids ?? decided.lines?.map((line) => line.id) ?? [];
  const count = decided.count ?? ids.length;
  // What is on the screen already tells whether a reason will be asked for.
  const known = queries.getQueriesData<{ pages: { items: Line[] }[] }>({ queryKey: linesKey(dossier.id) }).flatMap(([, data]) => data?.pages.flatMap((page) => page.items) ?? []);
  const affected = decided.lines ?? [...new Map(known.map((line) => [line.id, line])).values()].filter((line) => ids.includes(line.id) || (ids[0] === "*" && line.state === "pending"));
  const blocking = affected.flatMap((line) => line.findings).filter((finding) => finding.level === "block" && !finding.reason);
  const needsReason = !approves || blocking.length > 0;
  const issues = dossier.kind <= "04";
  const usual = approves ? [t("usual.seen")] : [t("usual.person"), t("usual.mail"), t("usual.old")];

  async function run(values: Values) {
    setBusy(true);
    setProblem(undefined);
    const more = { decision: decided.decision, reason: values.reason?.trim() || undefined, profile: (approves && values.profile?.trim()) || undefined, valid_to: (approves && values.valid_to) || undefined };
    try {
      const changed = await unwrap(api.POST("/api/v1/desk/dossiers/{id}/lines", { params: { path: { id: dossier.id } }, body: { revision: dossier.revision, decisions: ids.map((line) => ({ line, ...more })) } }));
      notify.done(t(approves ? "decide.approved" : "decide.returned", { count }));
      onDone(changed);
      onClose();
    } catch (error) {
      setProblem(error);
      setBusy(false);
      void queries.invalidateQueries({ queryKey: ["dossier", dossier.id] });
    }
  }
  return (
    <Modal open onCancel={onClose} title={t(approves ? "decide.approveTitle" : "decide.returnTitle", { count })} okText={t(approves ? "decide.approve" : "decide.return")} cancelText={common("action.close")} okButtonProps={{ danger: !approves, loading: busy }} onOk={() => form.submit()} width={640}>
      <ProblemAlert error={problem} />
      {decided.lines && (
        <p>
          <strong>{decided.lines.map((line) => line.name ?? line.serial).join(", ")}</strong>
        </p>
      )}
      {approves && blocking.length > 0 && (
        <div className="k-gap">
          <p>{t("decide.overrides")}</p>
          <FindingList findings={blocking.slice(0, 20)} keyOf={(_, at) => blocking[at]!.id} />
        </div>
      )}
      <Form<Values> form={form} layout="vertical" onFinish={(values) => void run(values)}>
        <Form.Item name="reason" label={t(approves ? "decide.why" : "reason.label")} rules={needsReason ? [{ required: true, whitespace: true, message: common("form.required", { label: t("reason.label") }) }] : []} extra={approves && !needsReason ? t("decide.optional") : undefined}>
          <Input.TextArea autoSize={{ minRows: 2, maxRows: 8 }} maxLength={2000} />
        </Form.Item>
        <div className="q-usual" role="group" aria-label={t("reason.usual")}>
          {usual.map((sentence) => (
            <button key={sentence} type="button" className="q-usual-button" onClick={() => form.setFieldValue("reason", sentence)}>
              {sentence}
            </button>
          ))}
        </div>
        {approves && issues && (
          <details className="q-more">
            <summary>{t("decide.more")}</summary>
            <div className="k-grid d-above-small">
              <Form.Item name="profile" label={t("decide.profile")} extra={t("decide.profileHint")}>
                <Input maxLength={64} placeholder="PERSON_5Y" autoComplete="off" spellCheck={false} />
              </Form.Item>
              <Form.Item name="valid_to" label={t("decide.validTo")} extra={t("decide.validToHint")}>
                <DateField min={today()} />
              </Form.Item>
            </div>
          </details>
        )}
      </Form>
    </Modal>
  );
}
