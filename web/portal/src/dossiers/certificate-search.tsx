import { Button, Checkbox, Input, Select } from "antd";
import { type FormEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
import type { Certificate, Device } from "@/api/types";
import { useRefreshOn } from "@/lib/events";
import { usePages } from "@/ui/use-pages";

export interface CertificateFilter {
  serial?: string;
  device?: string;
  iccid?: string;
  name?: string;
  email?: string;
  device_kind?: Device;
  state?: string;
  stale?: boolean;
  expires_before?: string;
  outside?: boolean;
}
const devices: Device[] = ["token", "sim_pki", "central", "pkcs10"];
const exact = ["serial", "device", "iccid", "email"] as const;
const states = ["good", "suspended", "revoked", "expired"] as const;

export function useCertificates(filter: CertificateFilter, enabled = true) {
  useRefreshOn(["certificate"], ["certificates"]);
  return usePages<Certificate>(["certificates", filter], (after) => unwrap(api.GET("/api/v1/certificates", { params: { query: { ...filter, after } } })), enabled);
}

// Outside of the own organisation only what one knows exactly is found.
export const isSearchable = (filter: CertificateFilter) => !filter.outside || exact.some((name) => filter[name]);

interface Props {
  value: CertificateFilter;
  onSearch: (filter: CertificateFilter) => void;
  canLookOutside?: boolean;
  withState?: boolean;
}

// The fields that people know: Số hiệu CTS, Số hiệu thiết bị, ICCID, Tên CTS, Email, Loại TB.
export function CertificateFilterForm({ value, onSearch, canLookOutside, withState }: Props) {
  const { t } = useTranslation("dossiers");
  const { t: common } = useTranslation();
  const id = useId();
  const [filter, setFilter] = useState<CertificateFilter>(value);
  const set = (part: CertificateFilter) => setFilter({ ...filter, ...part });
  const text = (name: "serial" | "device" | "iccid" | "name" | "email") => (
    <div key={name}>
      <label htmlFor={`${id}-${name}`}>{t(`search.${name}`)}</label>
      <Input id={`${id}-${name}`} allowClear maxLength={200} disabled={name === "name" && filter.outside} value={filter[name] ?? ""} onChange={(event) => set({ [name]: event.target.value || undefined })} />
    </div>
  );
  const trimmed = Object.fromEntries(Object.entries(filter).map(([name, inner]) => [name, typeof inner === "string" ? inner.trim() || undefined : inner])) as CertificateFilter;

  function submit(event: FormEvent) {
    event.preventDefault();
    event.stopPropagation(); // a dialog's form inside of a page's
    onSearch(trimmed);
  }
  return (
    <form role="search" onSubmit={submit} aria-label={t("search.title")}>
      <div className="k-filter">
        {(["serial", "device", "iccid", "name", "email"] as const).map(text)}
        <div>
          <label htmlFor={`${id}-kind`}>{t("search.device_kind")}</label>
          <Select id={`${id}-kind`} className="k-wide" allowClear placeholder={t("filter.every")} value={filter.device_kind} onChange={(device_kind?: Device) => set({ device_kind })} options={devices.map((device) => ({ value: device, label: common(`device.${device}`) }))} />
        </div>
        {withState && (
          <div>
            <label htmlFor={`${id}-state`}>{t("field.state")}</label>
            <Select id={`${id}-state`} className="k-wide" allowClear placeholder={t("filter.every")} value={filter.state} onChange={(state?: string) => set({ state })} options={states.map((state) => ({ value: state, label: common(`certificateState.${state}`) }))} />
          </div>
        )}
        <div className="k-row d-filter-buttons">
          <Button type="primary" htmlType="submit" disabled={!isSearchable(trimmed)}>
            {common("action.search")}
          </Button>
          <Button
            onClick={() => {
              setFilter({ outside: filter.outside });
              if (!filter.outside) onSearch({});
            }}
          >
            {common("action.clear")}
          </Button>
        </div>
      </div>
      {canLookOutside && (
        <p className="k-gap">
          <Checkbox checked={!!filter.outside} onChange={(event) => set({ outside: event.target.checked || undefined, name: undefined })}>
            {t("search.outside")}
          </Checkbox>
          {filter.outside && <span className="k-hint d-block">{t("search.outsideHint")}</span>}
        </p>
      )}
    </form>
  );
}
