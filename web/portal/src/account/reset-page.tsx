import "./account.css";
import { CheckCircleOutlined } from "@ant-design/icons";
import { Button, Form, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, unwrap } from "@/api/client";
import { PageHeader } from "@/ui/page-header";
import { passwordRules, repetitionRules } from "@/ui/password-rules";
import { ProblemAlert } from "@/ui/problem-alert";
import { useFormProblem } from "@/ui/use-form-problem";
import { useLinkToken } from "./use-link-token";

export function Page() {
  const { t } = useTranslation("account");
  const token = useLinkToken();
  const [form] = Form.useForm<{ password: string; confirm: string }>();
  const { problem, show, clear } = useFormProblem(form);
  const [busy, setBusy] = useState(false);
  const [done, setDone] = useState(false);

  async function reset({ password }: { password: string }) {
    setBusy(true);
    clear();
    try {
      await unwrap(api.POST("/api/v1/accounts/password-reset", { body: { token, password } }));
      setDone(true);
    } catch (error) {
      show(error);
    } finally {
      setBusy(false);
    }
  }
  return (
    <div className="k-width k-page a-card-page">
      <div className="k-section a-card">
        {done ? (
          <div className="a-done" role="status">
            <CheckCircleOutlined className="a-done-icon" aria-hidden />
            <PageHeader title={t("reset.done")} />
            <p>{t("reset.doneText")}</p>
            <Link to="/dang-nhap">{t("signIn.submit")}</Link>
          </div>
        ) : (
          <>
            <PageHeader title={t("reset.title")} lead={token ? t("reset.lead") : undefined} />
            {token ? (
              <Form form={form} layout="vertical" onFinish={(fields) => void reset(fields)}>
                <Form.Item name="password" label={t("reset.password")} extra={t("register.passwordHint")} rules={passwordRules(t)}>
                  <Input.Password autoComplete="new-password" maxLength={1000} />
                </Form.Item>
                <Form.Item name="confirm" label={t("reset.confirm")} dependencies={["password"]} rules={repetitionRules(t)}>
                  <Input.Password autoComplete="new-password" maxLength={1000} />
                </Form.Item>
                <ProblemAlert error={problem} />
                <Button type="primary" htmlType="submit" block size="large" loading={busy}>
                  {t("reset.submit")}
                </Button>
              </Form>
            ) : (
              <>
                <p>{t("reset.missing")}</p>
                <Link to="/quen-mat-khau">{t("forgot.title")}</Link>
              </>
            )}
          </>
        )}
      </div>
    </div>
  );
}
