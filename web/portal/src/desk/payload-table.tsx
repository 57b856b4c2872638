import "./desk.css";
import { useTranslation } from "react-i18next";
import { Mail } from "@/dossiers/mail";
import { type Column, RecordTable } from "@/dossiers/record-table";
import { formatDate, formatTime } from "@/lib/format";
import { Facts } from "@/ui/facts";
import type { CertificateRow, RecoveryRow, RequestView, RevocationRow } from "./payload";
import { grouped } from "./public-key";

const lastPart = (reference: string) => reference.slice(reference.lastIndexOf("/") + 1);

// A certificate's subject, one attribute per line with its meaning.
function Subject({ pairs }: { pairs: [string, string][] }) {
  const { t, i18n } = useTranslation("desk");
  return (
    <dl className="q-pairs">
      {pairs.map(([type, value], at) => (
        <div key={`${type}${at}`}>
          <dt title={type}>{i18n.exists(`desk:attribute.${type}`) ? t(`attribute.${type}`) : type}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

// What the statement says, line by line.
export function RequestTable({ request, sha256 }: { request: RequestView; sha256: string }) {
  const { t } = useTranslation("desk");
  const { t: dossiers } = useTranslation("dossiers");
  const certificates: Column<CertificateRow>[] = [
    { key: "line", title: t("payload.line"), className: "d-number", render: (row) => <span title={row.reference}>{lastPart(row.reference)}</span> },
    { key: "subject", title: t("payload.subject"), className: "d-broad", render: (row) => <Subject pairs={row.subject} /> },
    {
      key: "names", title: t("payload.names"),
      render: (row) =>
        row.alternativeNames.map(([kind, value]) => (
          <div key={kind + value}>
            <Mail address={value} /> {kind !== "rfc822" && <span className="k-muted">({kind})</span>}
          </div>
        )),
    },
    {
      key: "profile", title: t("payload.profile"),
      render: (row) => (
        <>
          <span className="d-mono">{row.profile}</span>
          <small>{row.notBefore || row.notAfter ? t("payload.from", { from: row.notBefore ? formatDate(row.notBefore) : t("payload.now"), to: row.notAfter ? formatTime(row.notAfter) : t("payload.byProfile") }) : t("payload.validByProfile")}</small>
          {row.replaces && <small>{t("payload.replaces", { serial: row.replacesIssuer ? `${row.replacesIssuer} ${row.replaces}` : row.replaces })}</small>}
        </>
      ),
    },
    {
      key: "key", title: t("payload.key"),
      render: (row) => (
        <>
          {row.keyName}
          <small>SHA-256</small>
          <code className="q-print">{grouped(row.keySha256)}</code>
        </>
      ),
    },
  ];
  const revocations: Column<RevocationRow>[] = [
    { key: "serial", title: dossiers("field.serial"), render: (row) => <span className="d-mono">{row.serial}</span> },
    { key: "reason", title: t("payload.reason"), render: (row) => <>{dossiers(`reason.${row.reason}`)} <span className="k-muted">({row.reason})</span></> },
    { key: "since", title: t("payload.since"), render: (row) => formatTime(row.invalidSince) || t("payload.now") },
    { key: "comment", title: t("payload.comment"), render: (row) => row.comment },
  ];
  const recoveries: Column<RecoveryRow>[] = [
    { key: "line", title: t("payload.line"), className: "d-number", render: (row) => <span title={row.reference}>{lastPart(row.reference)}</span> },
    { key: "token", title: dossiers("field.token_serial"), render: (row) => <span className="d-mono">{row.tokenSerial}</span> },
    { key: "comment", title: t("payload.comment"), render: (row) => row.comment },
    { key: "station", title: t("payload.station"), render: (row) => <code className="q-print">{grouped(row.stationKeySha256)}</code> },
  ];
  const actName = { "certificate.issue": "issue", "certificate.revoke": "revoke", "certificate.suspend": "suspend", "certificate.release": "release", "token.recover": "recover" }[request.act];
  return (
    <>
      <Facts
        items={[
          [t("payload.act"), actName ? t(`act.${actName}`) : request.act],
          [t("payload.issuer"), request.issuer],
          [t("payload.count"), request.certificates.length + request.revocations.length + request.recoveries.length],
          [t("payload.purpose"), request.purpose],
          [t("payload.created"), formatTime(request.created)],
          [t("payload.expires"), formatTime(request.expires)],
          [t("payload.id"), <span key="id" className="d-mono">{request.id}</span>],
          [t("payload.sha256"), <code key="sha" className="q-print">{grouped(sha256)}</code>],
        ]}
      />
      <div className="d-above">
        {request.certificates.length > 0 && <RecordTable label={t("payload.certificates")} columns={certificates} rows={request.certificates} rowKey={(row) => row.reference} />}
        {request.revocations.length > 0 && <RecordTable label={t("payload.revocations")} columns={revocations} rows={request.revocations} rowKey={(row) => row.serial} />}
        {request.recoveries.length > 0 && <RecordTable label={t("payload.recoveries")} columns={recoveries} rows={request.recoveries} rowKey={(row) => row.reference} />}
      </div>
    </>
  );
}
