import { Form, Input, Select } from "antd";
import { useTranslation } from "react-i18next";
import { searchByLabel } from "@/lib/text";
import { DateField } from "@/ui/date-field";
import { provinces } from "./provinces";

interface Props {
  part: "receiver" | "coordinator";
  isReadOnly?: boolean;
  isShort?: boolean; // who helps with a recovery: name, position, telephone, address of mail
}

export function ReceiverFields({ part, isReadOnly, isShort }: Props) {
  const { t } = useTranslation("dossiers");
  const text = (name: string, more: { className?: string; inputMode?: "tel" | "email" | "numeric"; required?: boolean } = {}) => (
    <Form.Item name={[part, name]} label={t(`receiver.${name}`)} required={more.required} className={more.className}>
      <Input disabled={isReadOnly} inputMode={more.inputMode} maxLength={300} autoComplete="off" />
    </Form.Item>
  );
  return (
    <div className="k-grid">
      {text("name", { required: true })}
      {!isShort && (
        <>
          {text("identity", { required: true, inputMode: "numeric" })}
          <Form.Item name={[part, "identity_date"]} label={t("receiver.identity_date")} required>
            <DateField disabled={isReadOnly} />
          </Form.Item>
          {text("identity_place", { required: true })}
        </>
      )}
      {text("position", { required: !isShort })}
      {text("phone", { required: true, inputMode: "tel" })}
      {text("email", { inputMode: "email" })}
      {!isShort && (
        <>
          <Form.Item name={[part, "province"]} label={t("receiver.province")}>
            <Select disabled={isReadOnly} allowClear showSearch={searchByLabel} options={provinces.map(([value, label]) => ({ value, label }))} />
          </Form.Item>
          {text("address", { required: true, className: "k-all" })}
        </>
      )}
    </div>
  );
}
