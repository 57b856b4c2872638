import "./account.css";
import { MailOutlined, UserAddOutlined } from "@ant-design/icons";
import { Button, Checkbox, Form, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";
import { api, unwrap } from "@/api/client";
import { useLanguage } from "@/i18n";
import { CaptchaField, useCaptcha } from "@/ui/captcha";
import { OrganisationPicker, type OrganisationChoice } from "@/ui/organisation-picker";
import { PageHeader } from "@/ui/page-header";
import { passwordRules, repetitionRules } from "@/ui/password-rules";
import { ProblemAlert } from "@/ui/problem-alert";
import { Section } from "@/ui/section";
import { useFormProblem } from "@/ui/use-form-problem";
import { ResendActivation } from "./resend-activation";

interface Fields {
  organisation: OrganisationChoice;
  name: string;
  phone: string;
  email: string;
  password: string;
  confirm: string;
  agreed: boolean;
}

function Sent({ email }: { email: string }) {
  const { t } = useTranslation("account");
  return (
    <div className="k-width k-page k-narrow">
      <div className="k-section a-done">
        <MailOutlined className="a-done-icon" aria-hidden />
        <PageHeader title={t("register.sent")} />
        <p>{t("register.sentText", { email })}</p>
        <p className="k-muted">{t("register.sentHint")}</p>
        <ResendActivation email={email} />
      </div>
    </div>
  );
}

export function Page() {
  const { t } = useTranslation("account");
  const { t: common } = useTranslation();
  const language = useLanguage();
  const navigate = useNavigate();
  const [form] = Form.useForm<Fields>();
  const { problem, show, clear } = useFormProblem(form);
  const captcha = useCaptcha();
  const [busy, setBusy] = useState(false);
  const [sentTo, setSentTo] = useState<string>();
  if (sentTo) return <Sent email={sentTo} />;

  async function register({ organisation, name, phone, email, password, agreed }: Fields) {
    setBusy(true);
    clear();
    try {
      const answer = await captcha.answer();
      const body = { organisation: organisation.id, name: name.trim(), phone: phone.replace(/[\s.()-]/g, ""), email: email.trim(), password, agreed, language, captcha: answer };
      setSentTo((await unwrap(api.POST("/api/v1/accounts", { body }))).email);
    } catch (error) {
      show(error);
      captcha.reset();
    } finally {
      setBusy(false);
    }
  }
  const required = (label: string) => ({ required: true, whitespace: true, message: common("form.required", { label }) });

  return (
    <div className="k-width k-page k-narrow">
      <PageHeader title={t("register.title")} lead={t("register.lead")} />
      <Form<Fields> form={form} layout="vertical" onFinish={(fields) => void register(fields)} onValuesChange={() => captcha.state === "idle" && captcha.prepare()}>
        <Section title={t("register.organisationPart")}>
          <Form.Item name="organisation" label={common("organisation.label")} rules={[{ required: true, message: common("form.required", { label: common("organisation.label") }) }]}>
            <OrganisationPicker />
          </Form.Item>
        </Section>
        <Section title={t("register.accountPart")}>
          <div className="k-grid">
            <Form.Item name="name" label={t("register.name")} extra={t("register.nameHint")} rules={[required(t("register.name"))]}>
              <Input autoComplete="name" maxLength={200} />
            </Form.Item>
            <Form.Item name="phone" label={t("register.phone")} rules={[required(t("register.phone")), { pattern: /^\s*(?:\+84|0)(?:[\s.()-]*\d){9,10}\s*$/, message: common("form.phone") }]}>
              <Input autoComplete="tel" inputMode="tel" maxLength={30} />
            </Form.Item>
            <Form.Item className="k-all" name="email" label={t("register.email")} extra={t("register.emailHint")} rules={[required(t("register.email")), { type: "email", message: common("form.email") }]}>
              <Input autoComplete="username" inputMode="email" maxLength={254} spellCheck={false} />
            </Form.Item>
            <Form.Item name="password" label={t("register.password")} extra={t("register.passwordHint")} rules={passwordRules(t)}>
              <Input.Password autoComplete="new-password" maxLength={1000} />
            </Form.Item>
            <Form.Item name="confirm" label={t("register.confirm")} dependencies={["password"]} rules={repetitionRules(t)}>
              <Input.Password autoComplete="new-password" maxLength={1000} />
            </Form.Item>
          </div>
          <CaptchaField captcha={captcha} />
          <Form.Item name="agreed" valuePropName="checked" rules={[{ validator: (_, value) => (value ? Promise.resolve() : Promise.reject(new Error(t("register.agreedMissing")))) }]}>
            <Checkbox>{t("register.agreed")}</Checkbox>
          </Form.Item>
          <ProblemAlert error={problem} />
          <div className="k-row">
            <Button type="primary" htmlType="submit" size="large" icon={<UserAddOutlined aria-hidden />} loading={busy}>
              {t("register.submit")}
            </Button>
            <Button size="large" onClick={() => void navigate(-1)}>
              {common("action.back")}
            </Button>
          </div>
        </Section>
      </Form>
      <p>
        {t("register.known")} <Link to="/dang-nhap">{t("signIn.submit")}</Link>
      </p>
    </div>
  );
}
