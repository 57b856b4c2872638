import { SearchOutlined } from "@ant-design/icons";
import { useMutation } from "@tanstack/react-query";
import { Button, Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
import { formatDate, formatDue, formatTime, today } from "@/lib/format";
import { DateField } from "@/ui/date-field";
import { Facts } from "@/ui/facts";
import { OrganisationPicker, type OrganisationChoice } from "@/ui/organisation-picker";
import { PageHeader } from "@/ui/page-header";
import { ProblemAlert } from "@/ui/problem-alert";
import { Section } from "@/ui/section";
import { DossierTag } from "@/ui/tags";
import { LookUpTabs } from "./look-up-tabs";

interface Fields {
  organisation: OrganisationChoice;
  number: string;
  date: string;
}

export function Page() {
  const { t } = useTranslation("public");
  const { t: common } = useTranslation();
  const search = useMutation({
    mutationFn: ({ organisation, number, date }: Fields) => unwrap(api.GET("/api/v1/public/dossiers", { params: { query: { organisation: organisation.id, number: number.trim(), date } } })),
  });
  const required = (label: string) => [{ required: true, message: common("form.required", { label }) }];
  return (
    <div className="k-width k-page">
      <PageHeader title={t("lookUp.title")} lead={t("lookUp.lead")} />
      <LookUpTabs />
      <Section>
        <Form<Fields> layout="vertical" onFinish={(fields) => search.mutate(fields)} className="k-grid">
          <Form.Item className="k-all" name="organisation" label={common("organisation.label")} rules={required(common("organisation.label"))}>
            <OrganisationPicker />
          </Form.Item>
          <Form.Item name="number" label={t("lookUp.number")} rules={required(t("lookUp.number"))}>
            <Input placeholder="01/CV-CTS" maxLength={100} spellCheck={false} />
          </Form.Item>
          <Form.Item name="date" label={t("lookUp.date")} rules={required(t("lookUp.date"))}>
            <DateField max={today()} />
          </Form.Item>
          <div className="k-all">
            <Button type="primary" htmlType="submit" icon={<SearchOutlined aria-hidden />} loading={search.isPending}>
              {t("lookUp.submit")}
            </Button>
          </div>
        </Form>
      </Section>
      <div aria-live="polite">
        <ProblemAlert error={search.error} />
        {search.data?.items.length === 0 && (
          <Section title={t("lookUp.nothing")}>
            <p>{t("lookUp.nothingHint")}</p>
          </Section>
        )}
        {search.data && search.data.items.length > 0 && <p className="k-hidden">{t("lookUp.found", { count: search.data.items.length })}</p>}
        {search.data?.items.map((dossier) => (
          <Section key={dossier.code} title={common(`kind.${dossier.kind}`)} actions={<DossierTag state={dossier.state} />}>
            <Facts
              items={[
                [t("lookUp.code"), <code key="code">{dossier.code}</code>],
                [t("lookUp.lines"), dossier.line_count],
                [t("lookUp.submitted"), formatTime(dossier.submitted)],
                [t("lookUp.received"), formatTime(dossier.received)],
                [t("lookUp.due"), formatDue(dossier.due)],
                [t("lookUp.appointment"), formatDate(dossier.appointment)],
                [t("lookUp.reason"), dossier.reason],
              ]}
            />
          </Section>
        ))}
      </div>
    </div>
  );
}
