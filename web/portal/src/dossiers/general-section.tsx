import { Button, Form, type FormInstance, InputNumber } from "antd";
import { useTranslation } from "react-i18next";
import type { Dossier } from "@/api/types";
import { formatTime } from "@/lib/format";
import { Facts } from "@/ui/facts";
import { Section } from "@/ui/section";
import { DossierTag, DueTag } from "@/ui/tags";
import type { FormValues } from "./merge";

const chainOf = (organisation: { name: string; chain: string[] } | undefined) => organisation && (organisation.chain.join("; ") || organisation.name);

export function GeneralSection({ dossier, form, isEditable, onChange }: { dossier: Dossier; form: FormInstance<FormValues>; isEditable: boolean; onChange: () => void }) {
  const { t } = useTranslation("dossiers");
  const { t: common } = useTranslation();
  const stated = Form.useWatch("stated_count", { form, preserve: true }) as number | undefined;
  const differs = isEditable && stated !== dossier.line_count;
  return (
    <Section title={`1. ${t("section.general")}`}>
      <Facts
        items={[
          [t("field.kind"), `${dossier.kind} - ${common(`kind.${dossier.kind}`)}`],
          [t("field.code"), <span key="code" className="d-mono">{dossier.code}</span>],
          [t("field.state"), <DossierTag key="state" state={dossier.state} />],
          [t("field.due"), dossier.state === "processing" && dossier.due ? <DueTag key="due" due={dossier.due} urgency={dossier.urgency} /> : undefined],
          [t("field.organisation_from"), chainOf(dossier.organisation)],
          [t("field.behalf"), dossier.on_behalf_of ? chainOf(dossier.on_behalf_of) : t("general.noBehalf")],
          [t("field.organisation_to"), chainOf(dossier.receiving_organisation)],
          [t("field.source"), dossier.source],
          [t("field.handler"), dossier.handler?.name],
          [t("field.creator"), dossier.creator],
          [t("field.submitted"), formatTime(dossier.submitted)],
          [t("field.received"), formatTime(dossier.received)],
          [t("general.way"), dossier.kind === "01" && dossier.central_signing ? t("general.central") : undefined],
          [t("field.stated_count"), isEditable ? undefined : `${dossier.form.stated_count ?? "–"} / ${dossier.line_count}`],
        ]}
      />
      {isEditable && (
        <div className="d-count-row">
          <Form.Item
            name="stated_count"
            label={t("field.stated_count")}
            required
            className="d-no-gap"
            validateStatus={differs && stated != null && dossier.line_count > 0 ? "warning" : undefined}
            extra={t("general.countHint", { count: dossier.line_count })}
          >
            <InputNumber min={0} max={1000} precision={0} />
          </Form.Item>
          {differs && dossier.line_count > 0 && (
            <Button
              onClick={() => {
                form.setFieldValue("stated_count", dossier.line_count);
                onChange();
              }}
            >
              {t("general.takeCount", { count: dossier.line_count })}
            </Button>
          )}
        </div>
      )}
    </Section>
  );
}
