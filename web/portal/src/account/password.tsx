import { Button, Form, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
import { useAccount } from "@/app/session";
import { passwordRules, repetitionRules } from "@/ui/password-rules";
import { ProblemAlert } from "@/ui/problem-alert";
import { Section } from "@/ui/section";
import { useFormProblem } from "@/ui/use-form-problem";
import { useNotify } from "@/ui/use-notify";

interface Fields {
  present: string;
  password: string;
}

export function Password() {
  const { t } = useTranslation("account");
  const account = useAccount();
  const notify = useNotify();
  const [form] = Form.useForm<Fields>();
  const { problem, show, clear } = useFormProblem(form);
  const [busy, setBusy] = useState(false);

  async function change({ present, password }: Fields) {
    setBusy(true);
    clear();
    try {
      await unwrap(api.PUT("/api/v1/me/password", { body: { present, password } }));
      form.resetFields();
      notify.done(t("me.passwordChanged"));
    } catch (error) {
      show(error);
    } finally {
      setBusy(false);
    }
  }
  return (
    <Section title={t("me.password")}>
      <Form<Fields> form={form} layout="vertical" onFinish={(fields) => void change(fields)}>
        <input className="k-hidden" type="text" autoComplete="username" value={account.email} readOnly tabIndex={-1} aria-hidden="true" />
        <Form.Item name="present" label={t("me.present")} rules={[{ required: true, message: t("me.presentMissing") }]}>
          <Input.Password autoComplete="current-password" maxLength={1000} />
        </Form.Item>
        <Form.Item name="password" label={t("me.newPassword")} extra={t("register.passwordHint")} rules={passwordRules(t)}>
          <Input.Password autoComplete="new-password" maxLength={1000} />
        </Form.Item>
        <Form.Item name="confirm" label={t("me.confirmPassword")} dependencies={["password"]} rules={repetitionRules(t)}>
          <Input.Password autoComplete="new-password" maxLength={1000} />
        </Form.Item>
        <ProblemAlert error={problem} />
        <Button type="primary" htmlType="submit" loading={busy}>
          {t("me.changePassword")}
        </Button>
      </Form>
    </Section>
  );
}
