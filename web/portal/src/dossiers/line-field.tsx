import { Checkbox, Form, Input, Radio, Select } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { DossierKind, Finding } from "@/api/types";
import { useLanguage } from "@/i18n";
import { searchByLabel } from "@/lib/text";
import { DateField } from "@/ui/date-field";
import { OrganisationPicker } from "@/ui/organisation-picker";
import { fieldLabel } from "./field-label";
import { messageOf, nextOf, worst } from "./findings";
import type { Field, LineValues } from "./line-fields";
import { provinces } from "./provinces";

const hinted = new Set(["email", "old_serial", "sim_keep_number", "dns_names", "identity", "phone", "owns_number", "token_serial"]);

interface Props {
  field: Field;
  kind: DossierKind;
  values: LineValues;
  findings: readonly Finding[];
  isFixed?: boolean;
}

// One column of the form with what the checks say about it.
export function LineField({ field, kind, values, findings, isFixed }: Props) {
  const { t } = useTranslation("dossiers");
  const { t: common } = useTranslation();
  const language = useLanguage();
  const label = fieldLabel(t, kind, field.name);
  const isRequired = typeof field.isRequired === "function" ? field.isRequired(values) : field.isRequired;
  const level = worst(findings);
  const choiceText = (choice: string) => (field.name === "device" ? common(`device.${choice}`) : field.name === "reason" ? t(`reason.${choice}`) : field.name === "sim_operator" ? choice : t(`choice.${choice}`));

  function control(): ReactNode {
    switch (field.type) {
      case "area":
        return <Input.TextArea autoSize={{ minRows: 2, maxRows: 6 }} maxLength={2000} />;
      case "lines":
        return <Input.TextArea autoSize={{ minRows: 2, maxRows: 8 }} placeholder="cong.mau.gov.vn" />;
      case "date":
        return <DateField />;
      case "organisation":
        return <OrganisationPicker allowClear={!isRequired} />;
      case "province":
        return <Select allowClear showSearch={searchByLabel} options={provinces.map(([value, text]) => ({ value, label: text }))} />;
      case "check":
        return <Checkbox>{label}</Checkbox>;
      case "yes-no":
        return <Radio.Group options={[{ value: true, label: common("yes") }, { value: false, label: common("no") }]} />;
      case "choice": {
        const options = (field.choices ?? []).map((choice) => ({ value: choice, label: choiceText(choice) }));
        return options.length > 4 ? <Select allowClear={!isRequired} options={options} /> : <Radio.Group options={options} />;
      }
      default:
        return <Input disabled={isFixed} maxLength={500} inputMode={field.inputMode} autoComplete="off" spellCheck={false} />;
    }
  }
  return (
    <Form.Item
      name={field.name}
      label={field.type === "check" ? undefined : label}
      required={isRequired}
      valuePropName={field.type === "check" ? "checked" : "value"}
      className={field.isWide ? "k-all" : undefined}
      validateStatus={level === "block" ? "error" : level === "warn" ? "warning" : undefined}
      extra={hinted.has(field.name) ? t(`hint.${field.name}`) : undefined}
      help={
        findings.length > 0
          ? findings.map((finding) => (
              <div key={finding.id}>
                {finding.level !== "block" && <b>{common(`level.${finding.level}`)}: </b>}
                {messageOf(finding, language)} {nextOf(finding, language)}
              </div>
            ))
          : undefined
      }
    >
      {control()}
    </Form.Item>
  );
}
