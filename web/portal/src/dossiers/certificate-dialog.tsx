import { Alert, Button, Form, Input, Modal, Radio, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
import type { Certificate, Dossier, LineForm } from "@/api/types";
import { useLanguage } from "@/i18n";
import { ProblemAlert } from "@/ui/problem-alert";
import { useNotify } from "@/ui/use-notify";
import { certificateColumns, certificateKey } from "./certificate-columns";
import { type CertificateFilter, CertificateFilterForm, isSearchable, useCertificates } from "./certificate-search";
import { fieldsOf, lineOf, type LineValues, revocationReasons } from "./line-fields";
import { RecordPages } from "./record-table";
import { withFields } from "./refused";

interface Props {
  dossier: Dossier;
  open: boolean;
  onClose: () => void;
  onAdded: () => void;
  onDetails: (start: LineForm) => void; // one certificate whose content changes: the whole form
}

const actions = { "04": ["renew", "change"], "05": ["revoke", "suspend", "release"], "06": ["recover"] } as const;

// Kinds 04 to 06: which certificates, then what is asked for them, all at once.
export function CertificateDialog(props: Props) {
  return props.open ? <Body {...props} /> : null;
}

function Body({ dossier, onClose, onAdded, onDetails }: Props) {
  const { t } = useTranslation("dossiers");
  const { t: common } = useTranslation();
  const language = useLanguage();
  const notify = useNotify();
  const kind = dossier.kind as keyof typeof actions;
  const [filter, setFilter] = useState<CertificateFilter>({});
  const [chosen, setChosen] = useState<ReadonlyMap<string, Certificate>>(new Map());
  const [step, setStep] = useState<"choose" | "details">("choose");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const [form] = Form.useForm<LineValues>();
  const action = Form.useWatch("action", { form, preserve: true });
  const reason = Form.useWatch("reason", { form, preserve: true });
  const pages = useCertificates(filter, isSearchable(filter));
  const usable = (certificate: Certificate) => (kind === "05" ? certificate.state === "good" || certificate.state === "suspended" : certificate.state === "good");

  async function add() {
    const values = { ...(await form.validateFields()), ...form.getFieldsValue(true) } as LineValues;
    const list = [...chosen.values()];
    if (kind === "04" && values.action === "change" && list.length === 1 && !list[0]!.is_stale) {
      onClose();
      return onDetails({ issuer: list[0]!.issuer, serial: list[0]!.serial, name: list[0]!.name, email: list[0]!.email, action: "change" });
    }
    setBusy(true);
    setProblem(undefined);
    try {
      const lines = list.map((certificate) => lineOf({ ...values, issuer: certificate.issuer, serial: certificate.serial }, fieldsOf(dossier.kind)));
      await unwrap(api.POST("/api/v1/dossiers/{id}/lines", { params: { path: { id: dossier.id } }, body: { lines } }));
      notify.done(t("line.addedMany", { count: lines.length }));
      onAdded();
      onClose();
    } catch (error) {
      setProblem(withFields(error, language, list.map((certificate) => certificate.serial)));
    } finally {
      setBusy(false);
    }
  }

  return (
    <Modal
      open
      onCancel={onClose}
      width={1180}
      rootClassName="d-picker"
      title={t(step === "choose" ? `pick.${kind}` : "pick.details")}
      footer={
        <div className="d-drawer-foot">
          {step === "choose" ? (
            <Button type="primary" disabled={chosen.size === 0} onClick={() => setStep("details")}>
              {t("pick.next")}
            </Button>
          ) : (
            <>
              <Button type="primary" loading={busy} onClick={() => void add()}>
                {t("pick.add", { count: chosen.size })}
              </Button>
              <Button onClick={() => setStep("choose")}>{common("action.back")}</Button>
            </>
          )}
          <Button onClick={onClose}>{common("action.close")}</Button>
          <span className="k-muted" role="status">
            {t("pick.chosen", { count: chosen.size })}
          </span>
        </div>
      }
    >
      {step === "choose" ? (
        <>
          <CertificateFilterForm value={filter} onSearch={setFilter} canLookOutside />
          <RecordPages
            label={t("pick.results")}
            pages={pages}
            columns={certificateColumns(t, common, { isLinked: false })}
            rowKey={certificateKey}
            emptyText={isSearchable(filter) ? t("pick.none") : t("search.outsideHint")}
            selection={{
              selected: new Set(chosen.keys()),
              onChange: (keys) => {
                const all = new Map([...chosen, ...pages.items.map((one) => [certificateKey(one), one] as const)]);
                setChosen(new Map([...keys].flatMap((key) => (all.has(key) ? [[key, all.get(key)!] as const] : []))));
              },
              canSelect: usable,
              nameOf: (certificate) => `${certificate.name} ${certificate.serial}`,
            }}
          />
        </>
      ) : (
        <>
          <ProblemAlert error={problem} />
          <ul className="d-chosen-list">
            {[...chosen.values()].map((certificate) => (
              <li key={certificateKey(certificate)}>
                <strong>{certificate.name}</strong> <span className="d-mono">{certificate.serial}</span> <span className="k-muted">{certificate.email}</span>
              </li>
            ))}
          </ul>
          <Form<LineValues> form={form} layout="vertical" initialValues={{ action: [...chosen.values()].every((one) => one.is_stale) && kind === "04" ? "change" : actions[kind][0] }}>
            <Form.Item name="action" label={t("field.action")} required hidden={kind === "06"}>
              <Radio.Group options={actions[kind].map((value) => ({ value, label: t(`choice.${value}`) }))} />
            </Form.Item>
            {kind === "04" && action === "change" && chosen.size > 1 && <Alert className="k-gap" type="info" showIcon title={t("pick.changeMany")} />}
            {kind === "05" && action === "revoke" && (
              <Form.Item name="reason" label={t("field.reason")} rules={[{ required: true, message: common("form.required", { label: t("field.reason") }) }]}>
                <Select options={revocationReasons.map((value) => ({ value, label: t(`reason.${value}`) }))} />
              </Form.Item>
            )}
            {kind !== "04" && (
              <Form.Item name="reason_text" label={t("field.reason_text")} rules={[{ required: kind === "05" && action === "revoke" && reason === "0", message: common("form.required", { label: t("field.reason_text") }) }]}>
                <Input.TextArea autoSize={{ minRows: 2 }} maxLength={500} />
              </Form.Item>
            )}
            <Form.Item name="note" label={t("field.note")}>
              <Input.TextArea autoSize={{ minRows: 2 }} maxLength={500} />
            </Form.Item>
          </Form>
        </>
      )}
    </Modal>
  );
}
