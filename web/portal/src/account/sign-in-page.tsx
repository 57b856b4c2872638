import "./account.css";
import { KeyOutlined } from "@ant-design/icons";
import { Alert, Button, Form, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, Navigate, useNavigate, useSearchParams } from "react-router";
import { api, unwrap } from "@/api/client";
import type { Session } from "@/api/types";
import { homeOf, safeReturn } from "@/app/access";
import { useSession } from "@/app/session";
import { askPasskey, isCancelled, passkeysWork } from "@/lib/passkey";
import { CaptchaField, useCaptcha } from "@/ui/captcha";
import { PageHeader } from "@/ui/page-header";
import { ProblemAlert } from "@/ui/problem-alert";
import { useFormProblem } from "@/ui/use-form-problem";

interface Fields {
  email: string;
  password: string;
}

export function Page() {
  const { t } = useTranslation("account");
  const { session, account, accept, refresh } = useSession();
  const [query] = useSearchParams();
  const navigate = useNavigate();
  const [form] = Form.useForm<Fields>();
  const { problem, show, clear } = useFormProblem(form);
  const [busy, setBusy] = useState<"password" | "passkey">();
  const captcha = useCaptcha();
  const returnTo = safeReturn(query.get("return_to"));

  if (account && !busy) return <Navigate to={returnTo ?? homeOf(account.roles)} replace />;

  function arrive(next: Session) {
    accept(next);
    void navigate(returnTo ?? homeOf(next.account?.roles ?? []), { replace: true });
  }

  async function attempt(way: "password" | "passkey", work: () => Promise<Session>) {
    setBusy(way);
    clear();
    try {
      arrive(await work());
    } catch (error) {
      if (!isCancelled(error)) show(error);
      captcha.reset();
      void refresh(); // whether a captcha is needed now
    } finally {
      setBusy(undefined);
    }
  }

  const withPassword = (fields: Fields) =>
    attempt("password", async () => {
      const answer = session?.captcha_needed ? await captcha.answer() : undefined;
      return unwrap(api.POST("/api/v1/session", { body: { email: fields.email.trim(), password: fields.password, captcha: answer } }));
    });

  const withPasskey = () =>
    attempt("passkey", async () => {
      const options = await unwrap(api.POST("/api/v1/session/passkey/options"));
      const assertion = await askPasskey(options.challenge, options.rp_id);
      return unwrap(api.POST("/api/v1/session/passkey", { body: { challenge: options.challenge, ...assertion } }));
    });

  return (
    <div className="k-width k-page a-card-page">
      <div className="k-section a-card">
        <PageHeader title={t("signIn.title")} lead={returnTo ? t("signIn.back") : undefined} />
        {query.has("error") && <Alert className="k-gap" type="warning" showIcon title={t("signIn.oidcFailed")} />}
        <ProblemAlert error={problem} />
        <Form form={form} layout="vertical" requiredMark={false} onFinish={withPassword} onValuesChange={() => session?.captcha_needed && captcha.state === "idle" && captcha.prepare()}>
          <Form.Item name="email" label={t("signIn.email")} extra={t("signIn.emailHint")} rules={[{ required: true, whitespace: true, message: t("signIn.emailMissing") }]}>
            <Input autoComplete="username webauthn" inputMode="email" spellCheck={false} maxLength={254} />
          </Form.Item>
          <Form.Item name="password" label={t("signIn.password")} rules={[{ required: true, message: t("signIn.passwordMissing") }]}>
            <Input.Password autoComplete="current-password" maxLength={1000} />
          </Form.Item>
          {session?.captcha_needed && (
            <>
              <p className="k-hint">{t("signIn.captcha")}</p>
              <CaptchaField captcha={captcha} />
            </>
          )}
          <Button type="primary" htmlType="submit" block size="large" loading={busy === "password"} disabled={busy === "passkey"}>
            {t("signIn.submit")}
          </Button>
        </Form>
        <p className="a-or">
          <span>{t("signIn.or")}</span>
        </p>
        <div className="a-ways">
          {passkeysWork() && (
            <Button block size="large" icon={<KeyOutlined aria-hidden />} loading={busy === "passkey"} disabled={busy === "password"} onClick={() => void withPasskey()} title={t("signIn.passkeyHint")}>
              {t("signIn.passkey")}
            </Button>
          )}
          {session?.has_oidc && (
            <Button block size="large" href={`/api/v1/session/oidc?return_to=${encodeURIComponent(returnTo ?? "/bang-thong-ke")}`}>
              {t("signIn.iam")}
            </Button>
          )}
        </div>
        <ul className="k-plain a-links">
          <li>
            <Link to="/quen-mat-khau">{t("signIn.forgot")}</Link>
          </li>
          <li>
            <Link to="/dang-ky">{t("signIn.register")}</Link>
          </li>
          <li>
            <Link to="/kich-hoat">{t("signIn.resend")}</Link>
          </li>
        </ul>
      </div>
    </div>
  );
}
