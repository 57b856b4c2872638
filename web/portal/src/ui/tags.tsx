import { useTranslation } from "react-i18next";
import type { Certificate, DossierState, Line, Token } from "@/api/types";
import { formatDue } from "@/lib/format";

type Tone = "plain" | "info" | "good" | "warn" | "bad";

// Words in a calm colour; the colour never says anything that the words do not.
export function Tag({ tone = "plain", children, title }: { tone?: Tone; children: React.ReactNode; title?: string }) {
  return (
    <span className={`k-tag k-tag-${tone}`} title={title}>
      {children}
    </span>
  );
}

const dossierTones: Record<DossierState, Tone> = { draft: "plain", submitted: "info", processing: "info", returned: "warn", rejected: "bad", completed: "good" };
export function DossierTag({ state }: { state: DossierState }) {
  const { t } = useTranslation();
  return <Tag tone={dossierTones[state]}>{t(`state.${state}`)}</Tag>;
}

const lineTones: Record<Line["state"], Tone> = { pending: "plain", approved: "info", returned: "warn", requested: "info", issued: "good", delivered: "good", failed: "bad" };
export function LineTag({ state }: { state: Line["state"] }) {
  const { t } = useTranslation();
  return <Tag tone={lineTones[state]}>{t(`line.${state}`)}</Tag>;
}

const certificateTones: Record<Certificate["state"], Tone> = { good: "good", suspended: "warn", revoked: "bad", expired: "plain" };
// text: the server's own words ("Đã thu hồi(GHTĐTT)"), Vietnamese only.
export function CertificateTag({ state, text }: { state: Certificate["state"]; text?: string }) {
  const { t, i18n } = useTranslation();
  return <Tag tone={certificateTones[state]}>{(i18n.language === "vi" && text) || t(`certificateState.${state}`)}</Tag>;
}

const tokenTones: Record<Token["state"], Tone> = { stock: "plain", personalised: "info", delivered: "good", returned: "warn", faulty: "bad", scrapped: "plain" };
export function TokenTag({ state }: { state: Token["state"] }) {
  const { t } = useTranslation();
  return <Tag tone={tokenTones[state]}>{t(`tokenState.${state}`)}</Tag>;
}

const urgencyTones: Record<string, Tone> = { none: "plain", normal: "good", soon: "warn", overdue: "bad" };
// The deadline with its colour and the word for it.
export function DueTag({ due, urgency = "none" }: { due?: string; urgency?: string }) {
  const { t } = useTranslation();
  if (!due) return null;
  return (
    <Tag tone={urgencyTones[urgency] ?? "plain"} title={t(`urgency.${urgency}`)}>
      {formatDue(due)}
      {(urgency === "soon" || urgency === "overdue") && ` · ${t(`urgency.${urgency}`)}`}
    </Tag>
  );
}

const levelTones: Record<string, Tone> = { block: "bad", warn: "warn", info: "info" };
export function LevelTag({ level }: { level: "block" | "warn" | "info" }) {
  const { t } = useTranslation();
  return <Tag tone={levelTones[level]}>{t(`level.${level}`)}</Tag>;
}
