import type { Language } from "@/api/problem";
import type { Finding } from "@/api/types";

export type Level = Finding["level"];
const rank: Record<Level, number> = { block: 0, warn: 1, info: 2 };

export const messageOf = (finding: Pick<Finding, "message" | "message_en">, language: Language) => (language === "en" && finding.message_en) || finding.message;
export const nextOf = (finding: Pick<Finding, "next" | "next_en">, language: Language) => (language === "en" && finding.next_en) || finding.next || "";

export function worst(findings: readonly Pick<Finding, "level">[]): Level | undefined {
  return findings.map((finding) => finding.level).sort((a, b) => rank[a] - rank[b])[0];
}

// Official addresses outside the organisation's domains: the clerk explains, an officer lets pass (facts §5).
const mayBeOverridden = (finding: Finding) => finding.level === "block" && (finding.code === "registry.check.mail.domain" || finding.code === "registry.check.mail.public");
export const isHard = (finding: Finding) => finding.level === "block" && !mayBeOverridden(finding);
// Nobody at the organisation can do anything about the population database being away.
export const wantsReason = (finding: Finding) => mayBeOverridden(finding) || (finding.level === "warn" && finding.code !== "registry.line.population_waiting");
// About the signed letter itself; how many requests it has is another matter.
export const isOfSignature = ({ code }: Finding) => !!code?.startsWith("registry.letter.") && !code.startsWith("registry.letter.count");

export interface FindingGroup {
  key: string; // what a reason for all of them is filed under
  level: Level;
  findings: Finding[];
  isHard: boolean;
  wantsReason: boolean;
}

// The same finding in many lines is one matter, with one reason.
export function groupFindings(findings: readonly Finding[]): FindingGroup[] {
  const groups = new Map<string, FindingGroup>();
  for (const finding of findings) {
    const isOfLine = !!finding.line;
    const key = isOfLine && finding.code ? `*/${finding.code}/${finding.field ?? ""}` : finding.id;
    const group = groups.get(key) ?? { key, level: finding.level, findings: [], isHard: isHard(finding), wantsReason: wantsReason(finding) };
    group.findings.push(finding);
    groups.set(key, group);
  }
  return [...groups.values()].sort((a, b) => Number(b.isHard) - Number(a.isHard) || rank[a.level] - rank[b.level]);
}
