import { Button, Form, Input, Select } from "antd";
import "@/generated/work.css";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
import { useAccount, useSession } from "@/app/session";
import { formatTime } from "@/lib/format";
import { Facts } from "@/ui/facts";
import { ProblemAlert } from "@/ui/problem-alert";
import { Section } from "@/ui/section";
import { useFormProblem } from "@/ui/use-form-problem";
import { useNotify } from "@/ui/use-notify";

interface Fields {
  name: string;
  phone: string;
  language: "vi" | "en";
}

export function Profile() {
  const { t } = useTranslation("account");
  const { t: common } = useTranslation();
  const account = useAccount();
  const { refresh } = useSession();
  const notify = useNotify();
  const [form] = Form.useForm<Fields>();
  const { problem, show, clear } = useFormProblem(form);
  const [busy, setBusy] = useState(false);

  async function save(fields: Fields) {
    setBusy(true);
    clear();
    try {
      await unwrap(api.PATCH("/api/v1/me", { body: { ...fields, name: fields.name.trim() } }));
      notify.done(t("me.saved"));
      await refresh();
    } catch (error) {
      show(error);
    } finally {
      setBusy(false);
    }
  }
  return (
    <Section title={t("me.profile")}>
      <Facts
        items={[
          [t("me.email"), account.email],
          [t("me.organisation"), account.organisation.chain.join("; ")],
          [t("me.roles"), account.roles.map((role) => common(`role.${role}`)).join(", ")],
          [t("me.lastSignIn"), formatTime(account.last_sign_in)],
        ]}
      />
      <br />
      <Form<Fields> form={form} layout="vertical" initialValues={{ name: account.name, phone: account.phone?.replace(/^84(?=\d{9,10}$)/, "0"), language: account.language ?? "vi" }} onFinish={(fields) => void save(fields)}>
        <Form.Item name="name" label={t("register.name")} rules={[{ required: true, whitespace: true, message: common("form.required", { label: t("register.name") }) }]}>
          <Input autoComplete="name" maxLength={200} />
        </Form.Item>
        <Form.Item name="phone" label={t("register.phone")} rules={[{ required: true, message: common("form.required", { label: t("register.phone") }) }, { pattern: /^\s*(?:\+84|84|0)(?:[\s.()-]*\d){9,10}\s*$/, message: common("form.phone") }]}>
          <Input autoComplete="tel" inputMode="tel" maxLength={30} />
        </Form.Item>
        <Form.Item name="language" label={t("me.language")}>
          <Select
            options={[
              { value: "vi", label: t("me.vi") },
              { value: "en", label: t("me.en") },
            ]}
          />
        </Form.Item>
        <ProblemAlert error={problem} />
        <Button type="primary" htmlType="submit" loading={busy}>
          {common("action.save")}
        </Button>
      </Form>
    </Section>
  );
}
