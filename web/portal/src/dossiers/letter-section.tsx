import { DeleteOutlined, DownOutlined, FilePdfOutlined, FileWordOutlined } from "@ant-design/icons";
import { Alert, Button, Dropdown, Form, type FormInstance, Input, Popconfirm, Switch } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, download, unwrap, upload } from "@/api/client";
import type { Dossier, Letter } from "@/api/types";
import { formatDate, today } from "@/lib/format";
import { DateField } from "@/ui/date-field";
import { Facts } from "@/ui/facts";
import { Section } from "@/ui/section";
import { UploadBox } from "@/ui/upload-box";
import { useNotify } from "@/ui/use-notify";
import { LetterVerdict } from "./letter-verdict";
import type { FormValues } from "./merge";
import { useDossierCache } from "./queries";

interface Props {
  dossier: Dossier;
  form: FormInstance<FormValues>;
  isEditable: boolean;
  ensureSaved: () => Promise<Dossier | undefined>;
  onChange: () => void;
}
type Role = Letter["role"];
const letterLimit = 20 * 1024 * 1024;

function Attach({ dossier, role, ensureSaved }: Pick<Props, "dossier" | "ensureSaved"> & { role: Role }) {
  const { t } = useTranslation("dossiers");
  const { t: common } = useTranslation();
  const notify = useNotify();
  const cache = useDossierCache(dossier.id);
  const letter = dossier.letters?.find((one) => one.role === role);
  const [said, setSaid] = useState("");

  async function remove() {
    try {
      await unwrap(api.DELETE("/api/v1/dossiers/{id}/letters/{role}", { params: { path: { id: dossier.id, role } } }));
      await cache.refresh();
    } catch (error) {
      notify.failed(error);
    }
  }
  return (
    <>
      {letter && (
        <LetterVerdict
          dossier={dossier}
          letter={letter}
          actions={
            <Popconfirm title={t("letter.removeSure")} okText={common("action.delete")} cancelText={common("action.cancel")} okButtonProps={{ danger: true }} onConfirm={remove}>
              <Button size="small" danger icon={<DeleteOutlined aria-hidden />}>
                {common("action.delete")}
              </Button>
            </Popconfirm>
          }
        />
      )}
      <UploadBox
        accept={[".pdf"]}
        limit={letterLimit}
        title={t(letter ? "letter.attachAgain" : role === "request" ? "letter.attach" : "letter.attachRevocation")}
        hint={t("letter.attachHint")}
        compact={!!letter}
        onError={notify.failed}
        send={async (file, onProgress, signal) => {
          if (!(await ensureSaved())) throw new DOMException("conflict", "AbortError");
          const verdict = await upload<Letter>(`/api/v1/dossiers/${encodeURIComponent(dossier.id)}/letters/${role}`, file, { method: "PUT", limit: letterLimit, onProgress, signal });
          setSaid(t(verdict.is_valid ? "letter.valid" : "letter.invalid"));
          await cache.refresh();
        }}
      />
      <p className="k-hidden" role="status">
        {said}
      </p>
    </>
  );
}

export function LetterSection({ dossier, form, isEditable, ensureSaved, onChange }: Props) {
  const { t } = useTranslation("dossiers");
  const notify = useNotify();
  const [busy, setBusy] = useState(false);
  const title = `4. ${t("section.letter")}`;
  const { letter_number, letter_subject, letter_date, signer_name, signer_position, signer_capacity, place } = dossier.form;

  // The letter is made from what is saved.
  async function take(format: "pdf" | "docx") {
    setBusy(true);
    try {
      const saved = await ensureSaved();
      if (saved) await download(`/api/v1/dossiers/${encodeURIComponent(dossier.id)}/letter.${format}`, `${(saved.form.letter_number ?? "van-ban").replace(/[^\p{L}\p{N}-]+/gu, "-")}.${format}`);
    } catch (error) {
      notify.failed(error);
    } finally {
      setBusy(false);
    }
  }

  if (!isEditable) {
    const letter = dossier.letters?.find((one) => one.role === "request");
    return (
      <Section title={title}>
        <Facts items={[[t("field.letter_number"), letter_number], [t("field.letter_subject"), letter_subject], [t("field.letter_date"), formatDate(letter_date)], [t("letter.signer"), [signer_capacity, signer_position, signer_name].filter(Boolean).join(" ")], [t("field.place"), place]]} />
        <div className="d-above">{letter ? <LetterVerdict dossier={dossier} letter={letter} /> : <p className="k-muted d-no-gap">{t("letter.none")}</p>}</div>
      </Section>
    );
  }
  const exporting = (
    <Dropdown
      disabled={busy || dossier.line_count === 0}
      menu={{
        items: [
          { key: "pdf", icon: <FilePdfOutlined aria-hidden />, label: t("letter.pdf") },
          { key: "docx", icon: <FileWordOutlined aria-hidden />, label: t("letter.docx") },
        ],
        onClick: ({ key }) => void take(key as "pdf" | "docx"),
      }}
      trigger={["click"]}
    >
      <Button type="primary" loading={busy} aria-haspopup="menu">
        {t("letter.export")} <DownOutlined aria-hidden />
      </Button>
    </Dropdown>
  );
  return (
    <Section title={title} actions={exporting}>
      <ol className="d-guide">
        <li>{t("letter.step1")}</li>
        <li>{t("letter.step2")}</li>
        <li>{t("letter.step3")}</li>
      </ol>
      <div className="k-grid">
        <Form.Item name="letter_number" label={t("field.letter_number")} required>
          <Input maxLength={100} placeholder="01/CV-CTS" autoComplete="off" />
        </Form.Item>
        <Form.Item name="letter_date" label={t("field.letter_date")} required>
          <DateField max={today()} />
        </Form.Item>
        <Form.Item name="letter_subject" label={t("field.letter_subject")} required className="k-all">
          <Input maxLength={500} autoComplete="off" placeholder={t(`subject.${dossier.central_signing ? "central" : dossier.kind}`)} />
        </Form.Item>
        <div className="k-all d-suggest">
          <SubjectSuggestion dossier={dossier} form={form} onChange={onChange} />
        </div>
        <Form.Item name="signer_capacity" label={t("field.signer_capacity")} extra={t("hint.signer_capacity")}>
          <Input maxLength={100} placeholder="KT. CHỦ TỊCH" autoComplete="off" />
        </Form.Item>
        <Form.Item name="signer_position" label={t("field.signer_position")}>
          <Input maxLength={200} placeholder="PHÓ CHỦ TỊCH" autoComplete="off" />
        </Form.Item>
        <Form.Item name="signer_name" label={t("field.signer_name")}>
          <Input maxLength={200} autoComplete="off" />
        </Form.Item>
        <Form.Item name="place" label={t("field.place")}>
          <Input maxLength={100} autoComplete="off" />
        </Form.Item>
      </div>
      <Attach dossier={dossier} role="request" ensureSaved={ensureSaved} />
    </Section>
  );
}

// The usual subject of this kind's letter, one press away.
function SubjectSuggestion({ dossier, form, onChange }: Pick<Props, "dossier" | "form" | "onChange">) {
  const { t } = useTranslation("dossiers");
  const subject = Form.useWatch("letter_subject", { form, preserve: true }) as string | undefined;
  if (subject) return null;
  const usual = t(`subject.${dossier.central_signing ? "central" : dossier.kind}`);
  return (
    <Button
      size="small"
      onClick={() => {
        form.setFieldValue("letter_subject", usual);
        onChange();
      }}
    >
      {t("letter.useSubject")}
    </Button>
  );
}

// Only where certificates of the subscribers are to be revoked by a letter of their own.
export function RevocationSection({ dossier, form, isEditable, ensureSaved, onChange }: Props) {
  const { t } = useTranslation("dossiers");
  const id = useId();
  const has = Form.useWatch("has_revocation_letter", { form, preserve: true }) as boolean | undefined;
  const title = `5. ${t("section.revocation")}`;
  if (!isEditable) {
    const letter = dossier.letters?.find((one) => one.role === "revocation");
    if (!dossier.form.has_revocation_letter && !letter) return null;
    return (
      <Section title={title}>
        <Facts items={[[t("field.revocation_number"), dossier.form.revocation_number], [t("field.revocation_date"), formatDate(dossier.form.revocation_date)]]} />
        <div className="d-above">{letter && <LetterVerdict dossier={dossier} letter={letter} />}</div>
      </Section>
    );
  }
  return (
    <Section title={title}>
      <div className="k-row">
        <Switch
          id={id}
          checked={!!has}
          onChange={(value) => {
            form.setFieldValue("has_revocation_letter", value);
            onChange();
          }}
        />
        <label htmlFor={id}>{t("revocation.has")}</label>
      </div>
      {has && (
        <div className="d-above">
          <div className="k-grid">
            <Form.Item name="revocation_number" label={t("field.revocation_number")} required>
              <Input maxLength={100} autoComplete="off" />
            </Form.Item>
            <Form.Item name="revocation_date" label={t("field.revocation_date")} required>
              <DateField max={today()} />
            </Form.Item>
          </div>
          <Attach dossier={dossier} role="revocation" ensureSaved={ensureSaved} />
        </div>
      )}
      {!has && dossier.letters?.some((one) => one.role === "revocation") && <Alert type="info" title={t("revocation.unused")} />}
    </Section>
  );
}
