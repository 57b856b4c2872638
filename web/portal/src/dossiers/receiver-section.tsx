import { EditOutlined, PlusOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Form, type FormInstance, Select } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
import type { Dossier, Receiver } from "@/api/types";
import { formatDate } from "@/lib/format";
import { searchByLabel } from "@/lib/text";
import { Facts } from "@/ui/facts";
import { Section } from "@/ui/section";
import { Mail } from "./mail";
import type { FormValues } from "./merge";
import { provinceName } from "./provinces";
import { ReceiverFields } from "./receiver-fields";

export function ReceiverFacts({ receiver }: { receiver: Receiver | undefined }) {
  const { t } = useTranslation("dossiers");
  const paper = [receiver?.identity_date && t("receiver.since", { date: formatDate(receiver.identity_date) }), receiver?.identity_place].filter(Boolean).join(", ");
  return (
    <Facts
      items={[
        [t("receiver.name"), receiver?.name],
        [t("receiver.identity"), receiver?.identity && [receiver.identity, paper].filter(Boolean).join(" · ")],
        [t("receiver.position"), receiver?.position],
        [t("receiver.phone"), receiver?.phone],
        [t("receiver.email"), receiver?.email && <Mail key="mail" address={receiver.email} />],
        [t("receiver.address"), [receiver?.address, provinceName(receiver?.province)].filter(Boolean).join(", ")],
      ]}
    />
  );
}

const emptyReceiver: Record<keyof Receiver, undefined> = { name: undefined, identity: undefined, identity_date: undefined, identity_place: undefined, position: undefined, phone: undefined, email: undefined, address: undefined, province: undefined };

// Who has received before is one choice away; SỬA opens the fields, THÊM MỚI empties them.
export function ReceiverSection({ dossier, form, isEditable, onChange }: { dossier: Dossier; form: FormInstance<FormValues>; isEditable: boolean; onChange: () => void }) {
  const { t } = useTranslation("dossiers");
  const { t: common } = useTranslation();
  const id = useId();
  const now = Form.useWatch("receiver", { form, preserve: true }) as Receiver | undefined;
  const [isOpen, setOpen] = useState(!dossier.form.receiver?.name);
  const { data } = useQuery({ queryKey: ["receivers"], queryFn: () => unwrap(api.GET("/api/v1/receivers")), enabled: isEditable, staleTime: 60_000 });
  const known = data?.items ?? [];
  const title = `2. ${t("section.receiver")}`;

  function take(receiver: Receiver | typeof emptyReceiver, open: boolean) {
    form.setFieldValue("receiver", { ...emptyReceiver, ...receiver });
    setOpen(open);
    onChange();
  }

  if (!isEditable)
    return (
      <Section title={title}>
        <ReceiverFacts receiver={dossier.form.receiver} />
        {!dossier.form.receiver?.name && <p className="k-muted d-no-gap">{t("receiver.none")}</p>}
      </Section>
    );
  return (
    <Section
      title={title}
      actions={
        <>
          {!isOpen && (
            <Button icon={<EditOutlined aria-hidden />} onClick={() => setOpen(true)}>
              {common("action.edit")}
            </Button>
          )}
          <Button icon={<PlusOutlined aria-hidden />} onClick={() => take(emptyReceiver, true)}>
            {common("action.add")}
          </Button>
        </>
      }
    >
      {known.length > 0 && (
        <div className="k-gap">
          <label htmlFor={id} className="d-label-above">
            {t("receiver.known")}
          </label>
          <Select
            id={id}
            className="k-wide k-narrow-field"
            placeholder={t("receiver.knownHint")}
            value={null}
            showSearch={searchByLabel}
            options={known.map((receiver, at) => ({ value: at, label: [receiver.name, receiver.position, receiver.phone].filter(Boolean).join(" · ") }))}
            onChange={(at: number | null) => at !== null && known[at] && take(known[at], false)}
          />
        </div>
      )}
      {/* Fields stay in the form while they are not shown. */}
      {isOpen ? <ReceiverFields part="receiver" /> : <ReceiverFacts receiver={now ?? dossier.form.receiver} />}
      {dossier.kind === "05" && <p className="k-hint">{t("receiver.notFor05")}</p>}
    </Section>
  );
}
