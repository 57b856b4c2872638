import { useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Form, Input, Modal } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
import type { Delegation } from "@/api/types";
import { hasAny } from "@/app/access";
import { useAccount } from "@/app/session";
import { formatDate, formatTime, today } from "@/lib/format";
import { DateField } from "@/ui/date-field";
import { ProblemAlert } from "@/ui/problem-alert";
import { Section } from "@/ui/section";
import { useFormProblem } from "@/ui/use-form-problem";
import { useNotify } from "@/ui/use-notify";

interface Fields {
  account_email: string;
  valid_from: string;
  valid_to: string;
  basis: string;
}
const key = ["delegations"];

function DelegationDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation("account");
  const { t: common } = useTranslation();
  const queries = useQueryClient();
  const notify = useNotify();
  const [form] = Form.useForm<Fields>();
  const { problem, show, clear } = useFormProblem(form);
  const [busy, setBusy] = useState(false);
  const required = (label: string) => ({ required: true, message: common("form.required", { label }) });

  async function save(fields: Fields) {
    setBusy(true);
    clear();
    try {
      await unwrap(api.POST("/api/v1/delegations", { body: { ...fields, account_email: fields.account_email.trim() } }));
      notify.done(t("me.delegated"));
      form.resetFields();
      onClose();
      await queries.invalidateQueries({ queryKey: key });
    } catch (error) {
      show(error);
    } finally {
      setBusy(false);
    }
  }
  return (
    <Modal open={open} onCancel={onClose} title={t("me.delegate")} okText={common("action.save")} cancelText={common("action.close")} confirmLoading={busy} onOk={form.submit} forceRender>
      <Form<Fields> form={form} layout="vertical" initialValues={{ valid_from: today() }} onFinish={(fields) => void save(fields)}>
        <Form.Item name="account_email" label={t("me.delegateEmail")} rules={[required(t("me.delegateEmail")), { type: "email", message: common("form.email") }]}>
          <Input inputMode="email" maxLength={254} spellCheck={false} />
        </Form.Item>
        <div className="k-grid">
          <Form.Item name="valid_from" label={t("me.from")} rules={[required(t("me.from"))]}>
            <DateField min={today()} />
          </Form.Item>
          <Form.Item
            name="valid_to"
            label={t("me.to")}
            dependencies={["valid_from"]}
            rules={[
              required(t("me.to")),
              ({ getFieldValue }) => ({ validator: (_, value: string) => (!value || value >= (getFieldValue("valid_from") as string) ? Promise.resolve() : Promise.reject(new Error(t("me.dateOrder")))) }),
            ]}
          >
            <DateField min={today()} />
          </Form.Item>
        </div>
        <Form.Item name="basis" label={t("me.basis")} extra={t("me.basisHint")} rules={[required(t("me.basis"))]}>
          <Input maxLength={500} />
        </Form.Item>
        <ProblemAlert error={problem} />
      </Form>
    </Modal>
  );
}

export function Delegations() {
  const { t } = useTranslation("account");
  const { modal } = App.useApp();
  const account = useAccount();
  const queries = useQueryClient();
  const notify = useNotify();
  const [open, setOpen] = useState(false);
  const { data, error, refetch } = useQuery({ queryKey: key, queryFn: () => unwrap(api.GET("/api/v1/delegations")) });
  const isHead = hasAny(account.roles, ["head"]);

  function end(delegation: Delegation) {
    modal.confirm({
      title: t("me.endDelegation"),
      content: t("me.endDelegationText", { email: delegation.account_email }),
      okButtonProps: { danger: true },
      onOk: async () => {
        try {
          await unwrap(api.DELETE("/api/v1/delegations/{id}", { params: { path: { id: delegation.id } } }));
          notify.done(t("me.delegationEnded"));
          await queries.invalidateQueries({ queryKey: key });
        } catch (failure) {
          notify.failed(failure);
        }
      },
    });
  }
  return (
    <Section title={t("me.delegations")} actions={isHead && <Button onClick={() => setOpen(true)}>{t("me.delegate")}</Button>}>
      <p className="k-muted">{t("me.delegationsLead")}</p>
      <ProblemAlert error={error} onRetry={() => void refetch()} />
      {data?.items.length === 0 && <p>{t("me.delegationNone")}</p>}
      <ul className="a-list">
        {data?.items.map((delegation) => (
          <li key={delegation.id}>
            <div>
              <b>
                {t(delegation.is_given ? "me.given" : "me.received")}{" "}
                {delegation.is_given ? `${delegation.account_name ?? ""} (${delegation.account_email})` : delegation.organisation.chain.join("; ")}
              </b>
              <div className="k-muted">
                {t("me.period")}: {formatDate(delegation.valid_from)} – {formatDate(delegation.valid_to)} · {delegation.basis}
                {delegation.ended && ` · ${t("me.endedAt", { time: formatTime(delegation.ended) })}`}
              </div>
            </div>
            {isHead && delegation.is_given && !delegation.ended && (
              <Button onClick={() => end(delegation)} aria-label={`${t("me.endDelegation")}: ${delegation.account_email}`}>
                {t("me.endDelegation")}
              </Button>
            )}
          </li>
        ))}
      </ul>
      <DelegationDialog open={open} onClose={() => setOpen(false)} />
    </Section>
  );
}
