import { KeyOutlined } from "@ant-design/icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, App, Button, Form, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
import type { Passkey } from "@/api/types";
import { hasAny } from "@/app/access";
import { useAccount } from "@/app/session";
import { formatTime } from "@/lib/format";
import { createPasskey, isCancelled, passkeysWork } from "@/lib/passkey";
import { ProblemAlert } from "@/ui/problem-alert";
import { Section } from "@/ui/section";
import { Tag } from "@/ui/tags";
import { useNotify } from "@/ui/use-notify";

export function Passkeys() {
  const { t } = useTranslation("account");
  const { t: common } = useTranslation();
  const { modal } = App.useApp();
  const account = useAccount();
  const queries = useQueryClient();
  const notify = useNotify();
  const [busy, setBusy] = useState(false);
  const [form] = Form.useForm<{ label: string }>();
  const { data, error, refetch } = useQuery({ queryKey: ["me", "passkeys"], queryFn: () => unwrap(api.GET("/api/v1/me/passkeys")) });
  const isOfficer = hasAny(account.roles, ["receiving", "checking", "approving"]);

  async function add({ label }: { label: string }) {
    setBusy(true);
    try {
      const made = await createPasskey(await unwrap(api.POST("/api/v1/me/passkeys/options")));
      await unwrap(api.POST("/api/v1/me/passkeys", { body: { label: label.trim(), ...made } }));
      form.resetFields();
      notify.done(t("me.passkeyAdded"));
      await queries.invalidateQueries({ queryKey: ["me", "passkeys"] });
    } catch (failure) {
      if (!isCancelled(failure)) notify.failed(failure);
    } finally {
      setBusy(false);
    }
  }

  function remove(passkey: Passkey) {
    modal.confirm({
      title: t("me.passkeyRemove"),
      content: t("me.passkeyRemoveText", { label: passkey.label }),
      okText: common("action.delete"),
      okButtonProps: { danger: true },
      onOk: async () => {
        try {
          await unwrap(api.DELETE("/api/v1/me/passkeys/{id}", { params: { path: { id: passkey.id } } }));
          notify.done(t("me.passkeyRemoved"));
          await queries.invalidateQueries({ queryKey: ["me", "passkeys"] });
        } catch (failure) {
          notify.failed(failure);
        }
      },
    });
  }

  return (
    <Section title={t("me.passkeys")}>
      <p className="k-muted">{t("me.passkeysLead")}</p>
      <ProblemAlert error={error} onRetry={() => void refetch()} />
      {data?.items.length === 0 && <p>{t("me.passkeyNone")}</p>}
      <ul className="a-list">
        {data?.items.map((passkey) => (
          <li key={passkey.id}>
            <div>
              <b>{passkey.label}</b> {isOfficer && <Tag tone={passkey.in_policy ? "good" : "warn"}>{t(passkey.in_policy ? "me.inPolicy" : "me.notInPolicy")}</Tag>}
              <div className="k-muted">
                {t("me.created", { time: formatTime(passkey.created) })}
                {passkey.used && ` · ${t("me.used", { time: formatTime(passkey.used) })}`}
              </div>
            </div>
            <Button onClick={() => remove(passkey)} aria-label={`${common("action.delete")}: ${passkey.label}`}>
              {common("action.delete")}
            </Button>
          </li>
        ))}
      </ul>
      {passkeysWork() ? (
        <Form form={form} layout="vertical" onFinish={(fields) => void add(fields)}>
          <Form.Item name="label" label={t("me.passkeyLabel")} extra={t("me.passkeyLabelHint")} rules={[{ required: true, whitespace: true, message: common("form.required", { label: t("me.passkeyLabel") }) }]}>
            <Input maxLength={100} />
          </Form.Item>
          <Button htmlType="submit" icon={<KeyOutlined aria-hidden />} loading={busy}>
            {t("me.passkeyAdd")}
          </Button>
        </Form>
      ) : (
        <Alert type="info" showIcon title={t("me.passkeyUnsupported")} />
      )}
    </Section>
  );
}
