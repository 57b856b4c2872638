import "./dossiers.css";
import { DownloadOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Alert, Button } from "antd";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { api, download, unwrap } from "@/api/client";
import type { Certificate } from "@/api/types";
import { hasAny, officerRoles } from "@/app/access";
import { useAccount } from "@/app/session";
import { useRefreshOn } from "@/lib/events";
import { formatDate, formatName, formatTime } from "@/lib/format";
import { Facts } from "@/ui/facts";
import { PageHeader } from "@/ui/page-header";
import { PageLoading } from "@/ui/page-loading";
import { ProblemAlert } from "@/ui/problem-alert";
import { Section } from "@/ui/section";
import { CertificateTag } from "@/ui/tags";
import { useNotify } from "@/ui/use-notify";
import { certificateAddress, daysLeft, ExpiryText, soonDays } from "./certificate-columns";
import { Mail } from "./mail";
import { provinceName } from "./provinces";
import { useChangeDossier } from "./use-change-dossier";

export function Page() {
  const { issuer = "", serial = "" } = useParams();
  const { data, error, refetch } = useQuery({ queryKey: ["certificate", issuer, serial], queryFn: () => unwrap(api.GET("/api/v1/certificates/{issuer}/{serial}", { params: { path: { issuer, serial } } })) });
  useRefreshOn(["certificate"], ["certificate"]);
  if (!data) return error ? <ProblemAlert error={error} onRetry={() => void refetch()} /> : <PageLoading />;
  return <Details certificate={data} />;
}

function Details({ certificate }: { certificate: Certificate }) {
  const { t } = useTranslation("dossiers");
  const { t: common } = useTranslation();
  const { roles } = useAccount();
  const notify = useNotify();
  const change = useChangeDossier();
  const isOfficer = hasAny(roles, officerRoles);
  const dossierAt = (id: string) => (isOfficer ? `/ban-xu-ly/ho-so/${id}` : `/ho-so/${id}`);
  const isUsable = certificate.state === "good" && daysLeft(certificate) >= 0;
  const other = (serial: string | undefined, issuer = certificate.issuer) => serial && <Link to={certificateAddress({ issuer, serial })} className="d-mono">{serial}</Link>;
  const save = () => download(`/api/v1/certificates/${encodeURIComponent(certificate.issuer)}/${encodeURIComponent(certificate.serial)}/file`, `${certificate.serial}.pem`).catch(notify.failed);
  const make = roles.includes("clerk") && isUsable && (
    <Button type="primary" loading={change.busy} onClick={() => void change.make([certificate])}>
      {t("certificate.make04")}
    </Button>
  );

  const events: [at: string, text: string, link?: string][] = [[certificate.not_before, t("certificate.issued"), certificate.dossier && dossierAt(certificate.dossier)]];
  if (certificate.revoked) events.push([certificate.revoked, certificate.state_text ?? common("certificateState.revoked")]);
  if (daysLeft(certificate) < 0) events.push([certificate.not_after, t("certificate.ended")]);
  return (
    <>
      <PageHeader
        title={certificate.name}
        lead={
          <>
            <span className="d-mono">{certificate.serial}</span> <CertificateTag state={certificate.state} text={certificate.state_text} /> <ExpiryText certificate={certificate} t={t} />
          </>
        }
        crumbs={[{ text: common("work.lists") }, { text: common("work.certificates"), to: "/danh-muc/chung-thu-so" }]}
        actions={
          <>
            {make}
            <Button icon={<DownloadOutlined aria-hidden />} onClick={() => void save()}>
              {t("certificate.pem")}
            </Button>
          </>
        }
      />
      {certificate.is_stale && <Alert className="k-gap" type="warning" showIcon title={t("certificate.stale")} description={t("certificate.staleText")} />}
      {isUsable && !certificate.is_stale && daysLeft(certificate) <= soonDays && <Alert className="k-gap" type="warning" showIcon title={t("certificate.soon", { days: daysLeft(certificate) })} description={t("certificate.soonText")} />}
      <Section title={t("certificate.content")}>
        <Facts
          items={[
            [t("field.subject"), formatName(certificate.subject ?? "")],
            [t("field.serialShort"), <span key="serial" className="d-mono">{certificate.serial}</span>],
            [t("field.issuer"), certificate.issuer],
            [t("field.email"), certificate.email && <Mail key="mail" address={certificate.email} />],
            [t("column.validity"), `${formatDate(certificate.not_before)} – ${formatDate(certificate.not_after)}`],
            [t("field.certificateKind"), common(`certificateKind.${certificate.kind}`)],
            [t("field.profile"), certificate.profile],
            [t("column.organisation"), certificate.organisation?.chain.join("; ")],
            [t("field.province"), provinceName(certificate.province)],
          ]}
        />
      </Section>
      <Section title={t("certificate.device")}>
        <Facts items={[[t("field.device"), common(`device.${certificate.device}`)], [t("field.token_serial"), certificate.device_serial && <span key="d" className="d-mono">{certificate.device_serial}</span>], ["ICCID", certificate.iccid]]} />
      </Section>
      <Section title={t("section.history")}>
        <ol className="k-plain d-history">
          {events.toReversed().map(([at, text, link]) => (
            <li key={at + text} className="d-event">
              <span>{text}</span> {link && <Link to={link}>{t("certificate.toDossier")}</Link>}
              <small>
                <time dateTime={at}>{formatTime(at)}</time>
              </small>
            </li>
          ))}
        </ol>
        <Facts items={[[t("certificate.replaces"), other(certificate.replaces, certificate.replaces_issuer)], [t("certificate.replacedBy"), other(certificate.replaced_by, certificate.replaced_by_issuer)]]} />
      </Section>
      {certificate.pem && (
        <Section title="PEM">
          <pre className="d-pem" tabIndex={0} aria-label="PEM">
            {certificate.pem}
          </pre>
        </Section>
      )}
    </>
  );
}
