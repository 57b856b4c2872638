import type { TFunction } from "i18next";
import { Link } from "react-router";
import type { DossierKind, Line, LineForm } from "@/api/types";
import { formatDate } from "@/lib/format";
import { LineTag } from "@/ui/tags";
import { fieldLabel } from "./field-label";
import { Mail } from "./mail";
import { provinceName } from "./provinces";
import type { Column } from "./record-table";

type Words = TFunction<"dossiers">;
type Common = TFunction<"common">;
type Shown = LineForm & Partial<Pick<Line, "organisation_chain">>;

const join = (...parts: (string | undefined | false)[]) => parts.filter(Boolean).join(" · ");
const Small = ({ children }: { children: React.ReactNode }) => (children ? <small>{children}</small> : null);

function Organisation({ line }: { line: Shown }) {
  const chain = line.organisation_chain ?? line.organisation_names ?? [];
  return (
    <>
      {chain.join("; ")}
      <Small>{join(line.position, provinceName(line.province))}</Small>
    </>
  );
}

function deviceText(line: Shown, t: Words, common: Common): string {
  const sim = line.device === "sim_pki" && line.sim_operator ? `${line.sim_operator}${line.sim_keep_number ? "/cs" : ""}` : "";
  return join(line.device && common(`device.${line.device}`), sim, line.token_serial, line.old_serial && t("line.replaces", { serial: line.old_serial }));
}

// The columns of the form (Mẫu 01–06), joined where they belong together so that a row fits on the screen.
export function contentColumns(kind: DossierKind, t: Words, common: Common): Column<Shown>[] {
  const device: Column<Shown> = { key: "device", title: t("field.device"), render: (line) => deviceText(line, t, common) };
  const mail: Column<Shown> = {
    key: "email", title: t("field.email"),
    render: (line) => (
      <>
        <Mail address={line.email} />
        <Small>{line.phone}</Small>
      </>
    ),
  };
  const work: Column<Shown> = { key: "organisation", title: t("column.work"), className: "d-broad", render: (line) => <Organisation line={line} /> };
  switch (kind) {
    case "01":
      return [
        { key: "name", title: t("column.person"), render: (line) => <><strong>{line.name}</strong><Small>{formatDate(line.date_of_birth)}</Small></> },
        { key: "identity", title: t("column.identity"), render: (line) => <><span className="d-mono">{line.identity}</span><Small>{[formatDate(line.identity_date), line.identity_place].filter(Boolean).join("; ")}</Small></> },
        mail, work, device,
      ];
    case "02":
      return [
        { key: "name", title: fieldLabel(t, kind, "name"), render: (line) => <><strong>{line.name}</strong><Small>{join(line.address, provinceName(line.province))}</Small></> },
        { key: "codes", title: t("column.codes"), render: (line) => <><span className="d-mono">{line.tax_code}</span><Small>{line.budget_code}</Small></> },
        mail, device,
      ];
    case "03":
      return [
        { key: "name", title: fieldLabel(t, kind, "name"), render: (line) => <><strong>{line.name}</strong><Small>{join(line.subject_kind && t(`choice.${line.subject_kind}`), line.dns_names?.join(", "))}</Small></> },
        { key: "manager", title: t("field.manager"), render: (line) => line.manager },
        mail, work, device,
      ];
    default:
      return [
        { key: "serial", title: t("field.serial"), className: "d-serial", render: (line) => <>{line.issuer && line.serial ? <Link className="d-mono" to={`/danh-muc/chung-thu-so/${encodeURIComponent(line.issuer)}/${encodeURIComponent(line.serial)}`}>{line.serial}</Link> : <span className="d-mono">{line.serial}</span>}<Small>{line.issuer}</Small></> },
        { key: "name", title: t("column.certificateName"), render: (line) => <><strong>{line.name}</strong><small><Mail address={line.email} /> {line.identity}</small></> },
        {
          key: "action", title: t("field.action"),
          render: (line) => (
            <>
              {line.action && t(`choice.${line.action}`)}
              <Small>{join(line.reason != null && line.action === "revoke" && t(`reason.${line.reason}`), line.reason_text)}</Small>
            </>
          ),
        },
        { ...device, title: t("column.device") },
      ];
  }
}

export function LineState({ line, isOfficer, t }: { line: Line; isOfficer: boolean; t: Words }) {
  return (
    <div className="d-states">
      <LineTag state={line.state} />
      {line.has_key && <small title={line.key_sha256}>{t("line.hasKey")}</small>}
      {isOfficer && line.population && line.population !== "unchecked" && <small className={line.population === "differs" ? "d-bad-text" : undefined}>{t(`population.${line.population}`)}</small>}
      {line.decision_reason && <small>{line.decision_reason}</small>}
      {isOfficer && line.profile && <small className="d-mono">{line.profile}</small>}
      {line.failure && <small className="d-bad-text">{line.failure}</small>}
      {line.certificate && (
        <small>
          <Link to={`/danh-muc/chung-thu-so/${encodeURIComponent(line.certificate.issuer ?? "")}/${encodeURIComponent(line.certificate.serial ?? "")}`}>
            {t("line.certificate", { serial: line.certificate.serial })}
          </Link>
        </small>
      )}
    </div>
  );
}
