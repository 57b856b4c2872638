// The report of `kyso verify --json` (docs/verify-report.md), as far as pages show it.
export type Verdict = "valid" | "invalid" | "undetermined";

export interface ReportFinding {
  code: string;
  severity: "note" | "info" | "warning" | "indeterminate" | "failure";
  sentence: string;
}
export interface ReportCertificate {
  subject: string;
  common_name: string;
  serial: string;
  not_before: string;
  not_after: string;
  status: "good" | "revoked" | "unknown" | "not_checked" | "anchor";
  revoked_at: string | null;
}
export interface ReportTimeStamp {
  time: string;
  authority: string | null;
  is_proof: boolean;
}
export interface ReportSignature {
  field: string;
  kind: "signature" | "document_time_stamp";
  signer: string | null;
  signer_kind: "person" | "organisation" | "service" | "unknown";
  issuer: string | null;
  serial: string | null;
  indication: string;
  explanation: { sentence: string; next_step: string | null } | null;
  claimed_time: string | null;
  timestamp_time: string | null;
  level: string | null;
  covers_whole_document: boolean;
  intact: boolean;
  modification_level: string;
  modifications_allowed: boolean;
  time_stamps: ReportTimeStamp[];
  chain: ReportCertificate[];
  findings: ReportFinding[];
}
export interface Report {
  verdict: Verdict;
  explanation: { sentence: string; next_step: string | null } | null;
  file: string | null;
  size: number | null;
  format: string;
  title: string | null;
  pages: number | null;
  time: string;
  signatures: ReportSignature[];
  findings: ReportFinding[];
}

export function verdictOf(indication: string): Verdict {
  if (indication === "TOTAL_PASSED") return "valid";
  return indication === "INDETERMINATE" ? "undetermined" : "invalid";
}
