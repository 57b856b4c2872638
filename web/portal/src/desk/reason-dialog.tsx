import "./desk.css";
import { Button, Form, Input, Modal } from "antd";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { ProblemAlert } from "@/ui/problem-alert";

interface Props {
  open: boolean;
  title: string;
  text: ReactNode;
  okText: string;
  danger?: boolean;
  usual: readonly string[]; // reasons that occur often, one press away
  isOptional?: boolean;
  act: (reason: string) => Promise<unknown>;
  onClose: () => void;
  children?: ReactNode;
}

// An act that needs a reason which the other side will read.
export function ReasonDialog(props: Props) {
  return props.open ? <Body {...props} /> : null;
}

function Body({ title, text, okText, danger, usual, isOptional, act, onClose, children }: Props) {
  const { t } = useTranslation("desk");
  const { t: common } = useTranslation();
  const [form] = Form.useForm<{ reason: string }>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>();

  async function run({ reason = "" }: { reason?: string }) {
    setBusy(true);
    setProblem(undefined);
    try {
      await act(reason.trim());
      onClose();
    } catch (error) {
      setProblem(error);
      setBusy(false);
    }
  }
  const add = (sentence: string) => {
    const present = ((form.getFieldValue("reason") as string | undefined) ?? "").trim();
    form.setFieldValue("reason", present ? `${present} ${sentence}` : sentence);
    form.getFieldInstance("reason")?.focus?.();
  };
  return (
    <Modal open onCancel={onClose} title={title} okText={okText} cancelText={common("action.close")} okButtonProps={{ danger, loading: busy }} onOk={() => form.submit()} width={640}>
      <ProblemAlert error={problem} />
      <p>{text}</p>
      {children}
      <Form form={form} layout="vertical" onFinish={(values) => void run(values)}>
        <Form.Item name="reason" label={t("reason.label")} rules={isOptional ? [] : [{ required: true, whitespace: true, message: common("form.required", { label: t("reason.label") }) }]}>
          <Input.TextArea autoSize={{ minRows: 3, maxRows: 10 }} maxLength={2000} showCount />
        </Form.Item>
      </Form>
      {usual.length > 0 && (
        <div className="q-usual" role="group" aria-label={t("reason.usual")}>
          <span className="k-muted">{t("reason.usual")}:</span>
          {usual.map((sentence) => (
            <Button key={sentence} size="small" onClick={() => add(sentence)}>
              {sentence}
            </Button>
          ))}
        </div>
      )}
    </Modal>
  );
}
