import type { TFunction } from "i18next";
import type { ReactNode } from "react";
import { Link } from "react-router";
import type { Certificate } from "@/api/types";
import { formatDate } from "@/lib/format";
import { CertificateTag, Tag } from "@/ui/tags";
import { Mail } from "./mail";
import { provinceName } from "./provinces";
import type { Column } from "./record-table";

export const certificateKey = (certificate: Pick<Certificate, "issuer" | "serial">) => `${certificate.issuer}/${certificate.serial}`;
export const certificateAddress = (certificate: Pick<Certificate, "issuer" | "serial">) => `/danh-muc/chung-thu-so/${encodeURIComponent(certificate.issuer)}/${encodeURIComponent(certificate.serial)}`;

// Days until the end; negative when it is over.
export function daysLeft(certificate: Pick<Certificate, "not_after">, now = Date.now()): number {
  return Math.floor((new Date(certificate.not_after).getTime() - now) / 86400_000);
}
export const soonDays = 60;

export function ExpiryText({ certificate, t }: { certificate: Certificate; t: TFunction<"dossiers"> }) {
  const days = daysLeft(certificate);
  if (certificate.state !== "good" || days > soonDays) return null;
  return <Tag tone={days < 15 ? "bad" : "warn"}>{days < 0 ? t("certificate.over") : t("certificate.left", { days })}</Tag>;
}

export function certificateColumns(t: TFunction<"dossiers">, common: TFunction<"common">, { isLinked = true, action }: { isLinked?: boolean; action?: (certificate: Certificate) => ReactNode } = {}): Column<Certificate>[] {
  return [
    {
      key: "serial", title: t("field.serialShort"), className: "d-serial",
      render: (certificate) => (
        <>
          {isLinked ? <Link className="d-mono d-main" to={certificateAddress(certificate)}>{certificate.serial}</Link> : <span className="d-mono d-main">{certificate.serial}</span>}
          <small>{certificate.issuer}</small>
        </>
      ),
    },
    {
      key: "name", title: t("column.certificateName"),
      render: (certificate) => (
        <>
          <strong>{certificate.name}</strong>
          <small><Mail address={certificate.email} /></small>
          {certificate.is_stale && <Tag tone="warn" title={t("certificate.stale")}>{t("certificate.staleNames")}</Tag>}
        </>
      ),
    },
    {
      key: "validity", title: t("column.validity"), className: "d-narrow",
      render: (certificate) => (
        <>
          {formatDate(certificate.not_before)} –<br />
          {formatDate(certificate.not_after)}
          <small>
            <ExpiryText certificate={certificate} t={t} />
          </small>
        </>
      ),
    },
    {
      key: "device", title: t("column.deviceAndKind"), className: "d-medium",
      render: (certificate) => (
        <>
          {common(`device.${certificate.device}`)}
          {certificate.device_serial && <small className="d-mono">{certificate.device_serial}</small>}
          {certificate.iccid && <small>ICCID <span className="d-mono">{certificate.iccid}</span></small>}
          <small>{common(`certificateKind.${certificate.kind}`)}</small>
        </>
      ),
    },
    {
      key: "organisation", title: t("column.organisation"), className: "d-medium",
      render: (certificate) => (
        <>
          {certificate.organisation?.chain.join("; ") ?? ""}
          <small>{provinceName(certificate.province)}</small>
        </>
      ),
    },
    {
      key: "state", title: t("field.state"),
      render: (certificate) => (
        <div className="d-states">
          <CertificateTag state={certificate.state} text={certificate.state_text} />
          {certificate.profile && <small className="d-mono">{certificate.profile}</small>}
          {action?.(certificate)}
        </div>
      ),
    },
  ];
}
