import "./content.css";
import { CheckCircleFilled, CloseCircleFilled, ExclamationCircleFilled } from "@ant-design/icons";
import { Button } from "antd";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { saveBlob, upload } from "@/api/client";
import { type Report, type ReportSignature, type Verdict, verdictOf } from "@/api/report";
import { useLanguage } from "@/i18n";
import { formatDate, formatName, formatSerial, formatSize, formatTime } from "@/lib/format";
import { Facts } from "@/ui/facts";
import { PageHeader } from "@/ui/page-header";
import { PdfView } from "@/ui/pdf-view";
import { ProblemAlert } from "@/ui/problem-alert";
import { Section } from "@/ui/section";
import { Tag } from "@/ui/tags";
import { UploadBox } from "@/ui/upload-box";

interface Answer {
  verdict: Verdict;
  html: string;
  report: Report;
  document: File;
}
const icons: Record<Verdict, ReactNode> = { valid: <CheckCircleFilled />, invalid: <CloseCircleFilled />, undetermined: <ExclamationCircleFilled /> };
const tones = { valid: "good", invalid: "bad", undetermined: "warn" } as const;
const statusTones = { good: "good", anchor: "good", revoked: "bad", unknown: "warn", not_checked: "warn" } as const;

function changesOf(signature: ReportSignature): "unchanged" | "changed" | "allowed" {
  if (!signature.intact) return "changed";
  if (signature.modification_level === "none") return "unchanged";
  return signature.modifications_allowed ? "allowed" : "changed";
}

function Signature({ signature, number }: { signature: ReportSignature; number: number }) {
  const { t } = useTranslation("public");
  const verdict = verdictOf(signature.indication);
  const isStamp = signature.kind === "document_time_stamp";
  const findings = signature.findings.filter((finding) => finding.severity !== "note");
  return (
    <Section className={`p-signature p-signature-${verdict}`} title={`${number}. ${isStamp ? t("verify.documentTimeStamp") : (signature.signer ?? signature.field)}`} actions={<Tag tone={tones[verdict]}>{t(`verify.${verdict}`)}</Tag>}>
      {signature.explanation && <p>{signature.explanation.sentence}</p>}
      {signature.explanation?.next_step && (
        <p>
          <b>{t("verify.what")}: </b>
          {signature.explanation.next_step}
        </p>
      )}
      <Facts
        items={[
          [t("verify.signer"), isStamp ? undefined : signature.signer],
          [t("verify.kind"), isStamp ? undefined : t(`verify.kinds.${signature.signer_kind}`)],
          [t("verify.stamped"), formatTime(signature.timestamp_time, true)],
          [t("verify.claimed"), formatTime(signature.claimed_time, true)],
          [t("verify.issuer"), signature.issuer && formatName(signature.issuer)],
          [t("verify.serial"), signature.serial && <code>{formatSerial(signature.serial)}</code>],
          [t("verify.level"), signature.level],
          [t("verify.file"), t(`verify.${changesOf(signature)}`)],
        ]}
      />
      {signature.chain.length > 0 && (
        <details>
          <summary>{t("verify.chain")}</summary>
          <ol className="p-chain">
            {signature.chain.map((certificate) => (
              <li key={certificate.serial + certificate.subject}>
                <b>{certificate.common_name || certificate.subject}</b> <Tag tone={statusTones[certificate.status]}>{t(`verify.status.${certificate.status}`)}</Tag>
                <div className="k-muted">
                  {formatSerial(certificate.serial)} · {formatDate(certificate.not_before)} – {formatDate(certificate.not_after)}
                </div>
              </li>
            ))}
          </ol>
        </details>
      )}
      {findings.length > 0 && (
        <details>
          <summary>{t("verify.findings")}</summary>
          <ul>
            {findings.map((finding, at) => (
              <li key={`${finding.code}${at}`}>{finding.sentence}</li>
            ))}
          </ul>
        </details>
      )}
    </Section>
  );
}

// The answer's own HTML page brings its style in a <style> element, which the portal's policy refuses, so the page shows the
// report's values itself and offers the HTML to be kept.
function Result({ answer, onAgain }: { answer: Answer; onAgain: () => void }) {
  const { t, i18n } = useTranslation("public");
  const { report } = answer;
  const head = useRef<HTMLDivElement>(null);
  const [shown, setShown] = useState(false);
  useEffect(() => head.current?.focus(), []);
  const name = (report.file ?? "van-ban").replace(/\.pdf$/i, "");
  return (
    <>
      <div ref={head} tabIndex={-1} className={`p-verdict p-${answer.verdict}`}>
        <span className="p-verdict-icon" aria-hidden="true">
          {icons[answer.verdict]}
        </span>
        <div>
          <h2>{t(`verify.${answer.verdict}`)}</h2>
          <p>{report.explanation?.sentence}</p>
          {report.explanation?.next_step && (
            <p>
              <b>{t("verify.what")}: </b>
              {report.explanation.next_step}
            </p>
          )}
        </div>
      </div>
      <Section
        title={report.file ?? t("verify.file")}
        actions={
          <>
            <Button onClick={() => saveBlob(new Blob([answer.html], { type: "text/html" }), `${name}.kyso.html`)}>{t("verify.report")}</Button>
            <Button onClick={() => saveBlob(new Blob([JSON.stringify(report, null, 2)], { type: "application/json" }), `${name}.kyso.json`)}>{t("verify.json")}</Button>
            <Button onClick={() => window.print()}>{t("verify.print")}</Button>
            <Button type="primary" onClick={onAgain}>
              {t("verify.another")}
            </Button>
          </>
        }
      >
        <p className="k-muted">
          {[report.pages && t("verify.pages", { count: report.pages }), report.size && formatSize(report.size, i18n.language), `${t("verify.time")}: ${formatTime(report.time, true)}`].filter(Boolean).join(" · ")}
        </p>
        {report.signatures.length === 0 && <p>{t("verify.noSignatures")}</p>}
        <details onToggle={(event) => setShown(event.currentTarget.open)}>
          <summary>{t("verify.show")}</summary>
          {shown && <PdfView file={answer.document} label={report.file ?? t("verify.file")} />}
        </details>
      </Section>
      {report.signatures.map((signature, at) => (
        <Signature key={`${signature.field}${at}`} signature={signature} number={at + 1} />
      ))}
    </>
  );
}

export function Page() {
  const { t } = useTranslation("public");
  const language = useLanguage();
  const [answer, setAnswer] = useState<Answer>();
  const [error, setError] = useState<unknown>();
  return (
    <div className="k-width k-page">
      <PageHeader title={t("verify.title")} lead={t("verify.lead")} />
      <ProblemAlert error={error} />
      {answer ? (
        <Result answer={answer} onAgain={() => setAnswer(undefined)} />
      ) : (
        <UploadBox
          accept={[".pdf"]}
          limit={50 * 1024 * 1024}
          title={t("verify.drop")}
          onError={setError}
          send={async (file, onProgress, signal) => {
            setError(undefined);
            const got = await upload<Omit<Answer, "document" | "verdict"> & { verdict: string }>(`/api/v1/public/verification?lang=${language}`, file, { onProgress, signal });
            setAnswer({ ...got, verdict: verdictOf(got.verdict), document: file, report: { ...got.report, file: got.report.file || file.name } });
          }}
        />
      )}
    </div>
  );
}
