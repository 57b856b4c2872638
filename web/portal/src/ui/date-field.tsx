import "@/generated/work.css";
import { DatePicker } from "antd";
import dayjs from "dayjs";
import customParseFormat from "dayjs/plugin/customParseFormat";
import { useTranslation } from "react-i18next";

dayjs.extend(customParseFormat);
const formats = ["DD/MM/YYYY", "D/M/YYYY", "DD-MM-YYYY", "DD.MM.YYYY", "DDMMYYYY"];

interface DateFieldProps {
  id?: string;
  value?: string; // "2026-11-20"
  onChange?: (value: string | undefined) => void;
  disabled?: boolean;
  min?: string;
  max?: string;
  className?: string;
  "aria-label"?: string;
}

// A day as clerks type it, kept as the interface wants it. Inside a Form.Item it needs nothing more.
export function DateField({ value, onChange, min, max, ...rest }: DateFieldProps) {
  const { t } = useTranslation();
  return (
    <DatePicker
      {...rest}
      className={`k-wide ${rest.className ?? ""}`}
      format={formats}
      // Enter takes the day that was typed; it does not send the form.
      onKeyDown={(event) => {
        if (event.key === "Enter") event.preventDefault();
      }}
      placeholder={t("form.datePlaceholder")}
      value={value ? dayjs(value) : null}
      onChange={(day) => onChange?.(day ? (Array.isArray(day) ? day[0] : day)?.format("YYYY-MM-DD") : undefined)}
      minDate={min ? dayjs(min) : undefined}
      maxDate={max ? dayjs(max) : undefined}
    />
  );
}
