import { useQueryClient } from "@tanstack/react-query";
import { Button, Drawer, Form, Input, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
import type { OrganisationDetail, OrganisationForm } from "@/api/types";
import { provinces } from "@/dossiers/provinces";
import { today } from "@/lib/format";
import { searchByLabel } from "@/lib/text";
import { DateField } from "@/ui/date-field";
import { OrganisationPicker, type OrganisationChoice } from "@/ui/organisation-picker";
import { ProblemAlert } from "@/ui/problem-alert";
import { useFormProblem } from "@/ui/use-form-problem";
import { useNotify } from "@/ui/use-notify";

export const organisationKinds = ["ministry", "agency", "party", "court", "province", "city", "district", "commune", "people_council", "people_committee", "department", "unit", "school", "hospital", "enterprise", "other"];
const sectors = ["administration", "education", "health", "finance", "justice", "security", "culture", "transport", "other"];

type Fields = Omit<OrganisationForm, "parent" | "mail_domains"> & { parent?: OrganisationChoice; domains?: string };

interface DrawerProps {
  organisation?: OrganisationDetail; // to be changed; none: a new one
  parent?: OrganisationChoice;
  onClose: () => void;
  onSaved: (organisation: OrganisationDetail) => void;
}

const linesOf = (text: string | undefined) => (text ?? "").split(/[\n,;]/).map((line) => line.trim()).filter(Boolean);

export function OrganisationDrawer({ organisation, parent, onClose, onSaved }: DrawerProps) {
  const { t } = useTranslation("administration");
  const { t: common } = useTranslation();
  const queries = useQueryClient();
  const notify = useNotify();
  const [form] = Form.useForm<Fields>();
  const { problem, show, clear } = useFormProblem(form);
  const [busy, setBusy] = useState(false);

  async function save({ parent: above, domains, ...fields }: Fields) {
    setBusy(true);
    clear();
    try {
      const body: OrganisationForm = { ...fields, parent: above?.id, mail_domains: linesOf(domains) };
      const saved = organisation
        ? await unwrap(api.PATCH("/api/v1/organisations/{id}", { params: { path: { id: organisation.id } }, body }))
        : await unwrap(api.POST("/api/v1/organisations", { body }));
      notify.done(t("organisations.saved"));
      await queries.invalidateQueries({ queryKey: ["organisations"] });
      onSaved(saved);
    } catch (error) {
      show(error);
    } finally {
      setBusy(false);
    }
  }
  const required = (label: string) => [{ required: true, message: common("form.required", { label }) }];
  const above = organisation?.parent ? { id: organisation.parent, name: organisation.chain.at(-2) ?? "", chain: organisation.chain.slice(0, -1) } : parent;
  return (
    <Drawer open onClose={onClose} size={640} title={organisation ? `${t("organisations.edit")}: ${organisation.name}` : t("organisations.add")} closable={{ "aria-label": common("action.close") }}>
      <Form<Fields> form={form} layout="vertical" initialValues={{ ...organisation, parent: above, domains: organisation?.mail_domains?.join("\n"), from: today(), instrument: undefined }} onFinish={(fields) => void save(fields)}>
        <Form.Item name="name" label={t("organisations.name")} rules={required(t("organisations.name"))}>
          <Input maxLength={300} />
        </Form.Item>
        <Form.Item name="parent" label={t("organisations.parent")}>
          <OrganisationPicker allowClear />
        </Form.Item>
        <div className="k-grid">
          <Form.Item name="kind" label={t("organisations.kind")} rules={required(t("organisations.kind"))}>
            <Select showSearch={searchByLabel} options={organisationKinds.map((kind) => ({ value: kind, label: t(`organisations.kinds.${kind}`) }))} />
          </Form.Item>
          <Form.Item name="province" label={t("organisations.province")}>
            <Select allowClear showSearch={searchByLabel} options={provinces.map(([code, name]) => ({ value: code, label: name }))} />
          </Form.Item>
          <Form.Item name="sector" label={t("organisations.sector")}>
            <Select allowClear options={sectors.map((sector) => ({ value: sector, label: t(`organisations.sectors.${sector}`) }))} />
          </Form.Item>
          <Form.Item name="code" label={t("organisations.code")}>
            <Input maxLength={40} spellCheck={false} />
          </Form.Item>
          <Form.Item name="tax_code" label={t("organisations.taxCode")}>
            <Input maxLength={14} inputMode="numeric" />
          </Form.Item>
          <Form.Item name="budget_code" label={t("organisations.budgetCode")}>
            <Input maxLength={20} inputMode="numeric" />
          </Form.Item>
        </div>
        <Form.Item name="address" label={t("organisations.address")}>
          <Input maxLength={500} />
        </Form.Item>
        <Form.Item name="domains" label={t("organisations.domains")} extra={t("organisations.domainsHint")}>
          <Input.TextArea rows={2} spellCheck={false} />
        </Form.Item>
        <div className="k-grid">
          <Form.Item name="from" label={t("organisations.from")} rules={required(t("organisations.from"))}>
            <DateField />
          </Form.Item>
          <Form.Item name="instrument" label={t("organisations.instrument")} extra={t("organisations.instrumentHint")}>
            <Input maxLength={500} />
          </Form.Item>
        </div>
        <ProblemAlert error={problem} />
        <Button type="primary" htmlType="submit" loading={busy}>
          {common("action.save")}
        </Button>
      </Form>
    </Drawer>
  );
}
