import { Alert, Button, Form, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
import { CaptchaField, useCaptcha } from "@/ui/captcha";
import { ProblemAlert } from "@/ui/problem-alert";
import { useFormProblem } from "@/ui/use-form-problem";

// An address and a button; used for both mails, which never tell whether there is such an account.
function MailForm({ email, label, submit, sent, send }: { email?: string; label: string; submit: string; sent: string; send: (body: { email: string; captcha: { id: string; answer: string } }) => Promise<unknown> }) {
  const { t: common } = useTranslation();
  const [form] = Form.useForm<{ email: string }>();
  const { problem, show, clear } = useFormProblem(form);
  const captcha = useCaptcha();
  const [busy, setBusy] = useState(false);
  const [done, setDone] = useState(false);
  async function ask(fields: { email: string }) {
    setBusy(true);
    setDone(false);
    clear();
    try {
      await send({ email: fields.email.trim(), captcha: await captcha.answer() });
      setDone(true);
    } catch (error) {
      show(error);
    } finally {
      captcha.reset();
      setBusy(false);
    }
  }
  return (
    <Form form={form} layout="vertical" initialValues={{ email }} onFinish={(fields) => void ask(fields)}>
      <Form.Item
        name="email"
        label={label}
        rules={[
          { required: true, whitespace: true, message: common("form.required", { label }) },
          { type: "email", message: common("form.email") },
        ]}
      >
        <Input autoComplete="username" inputMode="email" maxLength={254} spellCheck={false} />
      </Form.Item>
      <CaptchaField captcha={captcha} />
      <ProblemAlert error={problem} />
      <div role="status">{done && <Alert className="k-gap" type="success" showIcon title={sent} />}</div>
      <Button type="primary" htmlType="submit" loading={busy}>
        {submit}
      </Button>
    </Form>
  );
}

export function ResendActivation({ email }: { email?: string }) {
  const { t } = useTranslation("account");
  return <MailForm email={email} label={t("activate.email")} submit={t("activate.resend")} sent={t("activate.sent")} send={(body) => unwrap(api.POST("/api/v1/accounts/activation-mail", { body }))} />;
}

export function ForgotPassword() {
  const { t } = useTranslation("account");
  return <MailForm label={t("forgot.email")} submit={t("forgot.submit")} sent={`${t("forgot.sent")}. ${t("forgot.sentText")}`} send={(body) => unwrap(api.POST("/api/v1/accounts/password-reset-mail", { body }))} />;
}
