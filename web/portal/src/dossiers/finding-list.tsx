import "./dossiers.css";
import { CloseCircleFilled, InfoCircleFilled, WarningFilled } from "@ant-design/icons";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Finding } from "@/api/types";
import { useLanguage } from "@/i18n";
import { type Level, messageOf, nextOf } from "./findings";

const icons: Record<Level, ReactNode> = { block: <CloseCircleFilled />, warn: <WarningFilled />, info: <InfoCircleFilled /> };

export function LevelIcon({ level }: { level: Level }) {
  const { t } = useTranslation();
  return (
    <span className={`d-level d-level-${level}`}>
      <span aria-hidden="true">{icons[level]}</span>
      <span className="k-hidden">{t(`level.${level}`)}: </span>
    </span>
  );
}

type Shown = Pick<Finding, "level" | "message" | "message_en" | "next" | "next_en"> & { reason?: string; overridden_by?: string };

// What was found, and what to do about it.
export function FindingText({ finding, children }: { finding: Shown; children?: ReactNode }) {
  const { t } = useTranslation("dossiers");
  const language = useLanguage();
  const next = nextOf(finding, language);
  return (
    <div className="d-finding">
      <LevelIcon level={finding.level} />
      <div>
        {messageOf(finding, language)} {next && <span className="k-muted">{next}</span>}
        {finding.reason && <div className="d-reason">{t("finding.reason", { reason: finding.reason })}{finding.overridden_by && ` (${finding.overridden_by})`}</div>}
        {children}
      </div>
    </div>
  );
}

export function FindingList({ findings, keyOf }: { findings: readonly Shown[]; keyOf?: (finding: Shown, at: number) => string }) {
  if (findings.length === 0) return null;
  return (
    <ul className="k-plain d-findings">
      {findings.map((finding, at) => (
        <li key={keyOf?.(finding, at) ?? at}>
          <FindingText finding={finding} />
        </li>
      ))}
    </ul>
  );
}
