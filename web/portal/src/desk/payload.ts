import { publicKeyOf, sha256Hex } from "./public-key";

// The payload of a statement (docs/statements.md) as a table. What is shown comes from the very text that is signed; a text that cannot
// be shown completely is not offered for signing.
export interface CertificateRow {
  reference: string;
  profile: string;
  subject: [type: string, value: string][];
  alternativeNames: [kind: string, value: string][];
  keyName: string;
  keySha256: string;
  notBefore?: string;
  notAfter?: string;
  replaces?: string;
  replacesIssuer?: string;
}
export interface RevocationRow {
  serial: string;
  reason: number;
  invalidSince?: string;
  comment: string;
}
export interface RecoveryRow {
  reference: string;
  tokenSerial: string;
  stationKeySha256: string;
  comment: string;
}
export interface RequestView {
  id: string;
  issuer: string;
  act: string;
  created: string;
  expires: string;
  purpose: string;
  certificates: CertificateRow[];
  revocations: RevocationRow[];
  recoveries: RecoveryRow[];
}
export interface ApprovalView {
  act: string;
  request: string; // SHA-256 of the request's payload
  requestId: string;
  decision: "approve" | "reject";
  created: string;
  expires: string;
  comment: string;
}

export class PayloadError extends Error {}
type Json = Record<string, unknown>;

// Characters that hide or turn what stands around them; the vault refuses them too.
const hidden = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;

function parse(payload: string): Json {
  let value: unknown;
  try {
    value = JSON.parse(payload);
  } catch {
    throw new PayloadError("json");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new PayloadError("json");
  // One request has one text: a member twice, white space or another spelling would show less than what is signed.
  if (JSON.stringify(value) !== payload) throw new PayloadError("form");
  return value as Json;
}

// Every member must be one that is shown.
function only(object: unknown, known: readonly string[]): Json {
  if (typeof object !== "object" || object === null || Array.isArray(object)) throw new PayloadError("json");
  for (const name of Object.keys(object)) if (!known.includes(name)) throw new PayloadError(name);
  return object as Json;
}

function text(object: Json, name: string): string {
  const value = object[name];
  if (typeof value !== "string" || hidden.test(value)) throw new PayloadError(name);
  return value;
}
const optionalText = (object: Json, name: string) => (object[name] === undefined ? undefined : text(object, name));

function time(object: Json, name: string): string {
  const value = object[name];
  if (typeof value !== "number" || !Number.isInteger(value) || Math.abs(value) > 253402300799) throw new PayloadError(name);
  return new Date(value * 1000).toISOString();
}
const optionalTime = (object: Json, name: string) => (object[name] === undefined ? undefined : time(object, name));

function list(object: Json, name: string): unknown[] {
  const value = object[name] ?? [];
  if (!Array.isArray(value)) throw new PayloadError(name);
  return value;
}

function pairs(object: Json, name: string): [string, string][] {
  return list(object, name).map((pair) => {
    if (!Array.isArray(pair) || pair.length !== 2 || pair.some((part) => typeof part !== "string" || hidden.test(part))) throw new PayloadError(name);
    return pair as [string, string];
  });
}

function bytes(object: Json, name: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(atob(text(object, name)), (letter) => letter.charCodeAt(0));
  } catch {
    throw new PayloadError(name);
  }
}

async function certificateRow(value: unknown): Promise<CertificateRow> {
  const line = only(value, ["reference", "profile", "subject", "alternative_names", "pkcs10", "not_before", "not_after", "replaces_serial", "replaces_issuer"]);
  let key;
  try {
    key = publicKeyOf(bytes(line, "pkcs10"));
  } catch {
    throw new PayloadError("pkcs10");
  }
  return {
    reference: text(line, "reference"),
    profile: text(line, "profile"),
    subject: pairs(line, "subject"),
    alternativeNames: pairs(line, "alternative_names"),
    keyName: key.name,
    keySha256: await sha256Hex(key.spki),
    notBefore: optionalTime(line, "not_before"),
    notAfter: optionalTime(line, "not_after"),
    replaces: optionalText(line, "replaces_serial"),
    replacesIssuer: optionalText(line, "replaces_issuer"),
  };
}

function revocationRow(value: unknown): RevocationRow {
  const order = only(value, ["serial", "reason", "invalid_since", "comment"]);
  if (typeof order.reason !== "number") throw new PayloadError("reason");
  return { serial: text(order, "serial"), reason: order.reason, invalidSince: optionalTime(order, "invalid_since"), comment: text(order, "comment") };
}

async function recoveryRow(value: unknown): Promise<RecoveryRow> {
  const order = only(value, ["reference", "token_serial", "escrow", "station_key", "comment"]);
  text(order, "escrow");
  return { reference: text(order, "reference"), tokenSerial: text(order, "token_serial"), stationKeySha256: await sha256Hex(bytes(order, "station_key")), comment: text(order, "comment") };
}

export async function readRequest(payload: string): Promise<RequestView> {
  // What a desk signs; policies, keys and logs are the business of ceremonies.
  const request = only(parse(payload), ["id", "issuer", "act", "created", "expires", "purpose", "certificates", "revocations", "recoveries"]);
  return {
    id: text(request, "id"),
    issuer: text(request, "issuer"),
    act: text(request, "act"),
    created: time(request, "created"),
    expires: time(request, "expires"),
    purpose: text(request, "purpose"),
    certificates: await Promise.all(list(request, "certificates").map(certificateRow)),
    revocations: list(request, "revocations").map(revocationRow),
    recoveries: await Promise.all(list(request, "recoveries").map(recoveryRow)),
  };
}

export function readApproval(payload: string): ApprovalView {
  const approval = only(parse(payload), ["act", "request", "request_id", "decision", "created", "expires", "comment"]);
  const decision = text(approval, "decision");
  if (decision !== "approve" && decision !== "reject") throw new PayloadError("decision");
  return {
    act: text(approval, "act"),
    request: text(approval, "request"),
    requestId: text(approval, "request_id"),
    decision,
    created: time(approval, "created"),
    expires: time(approval, "expires"),
    comment: text(approval, "comment"),
  };
}

export type Offer = { type?: "request" | "approval"; payload?: string; reject_payload?: string; request?: string };
export interface Reading {
  request?: RequestView;
  requestSha256?: string;
  approval?: ApprovalView;
  fault?: "unreadable" | "other-request" | "other-decision" | "unshown";
  member?: string;
}

// Whether what would be signed is what is shown: an approval names the request by its SHA-256, so this is computed here and compared.
export async function readOffer(offer: Offer): Promise<Reading> {
  try {
    const shown = offer.type === "request" ? offer.payload : offer.request;
    const reading: Reading = shown ? { request: await readRequest(shown), requestSha256: await sha256Hex(shown) } : {};
    if (offer.type && !shown) return { fault: "unshown" };
    if (offer.type !== "approval") return reading;
    for (const [payload, decision] of [[offer.payload, "approve"], [offer.reject_payload, "reject"]] as const) {
      if (!payload) continue;
      const approval = readApproval(payload);
      if (approval.request !== reading.requestSha256 || approval.requestId !== reading.request?.id || approval.act !== reading.request?.act) return { ...reading, fault: "other-request" };
      if (approval.decision !== decision) return { ...reading, fault: "other-decision" };
      if (decision === "approve") reading.approval = approval;
    }
    return reading;
  } catch (error) {
    if (error instanceof PayloadError) return { fault: "unreadable", member: error.message };
    throw error;
  }
}
