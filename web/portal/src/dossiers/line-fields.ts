import type { DossierKind, Line, LineForm } from "@/api/types";
import type { OrganisationChoice } from "@/ui/organisation-picker";

// Which columns each kind of dossier has (Mẫu 01–06 of Decree 68/2024/NĐ-CP and the portal's Excel templates), how they are entered,
// and when they count. What is right is judged by the server.
export type FieldType = "text" | "area" | "date" | "organisation" | "province" | "choice" | "yes-no" | "check" | "lines";
export type FieldName = keyof LineForm;
export type Group = "certificate" | "subject" | "paper" | "work" | "contact" | "device" | "central" | "more";

export interface Field {
  name: FieldName;
  type: FieldType;
  group: Group;
  isRequired?: boolean | ((values: LineValues) => boolean);
  isShown?: (values: LineValues) => boolean;
  choices?: readonly string[];
  autoComplete?: string;
  inputMode?: "numeric" | "email" | "tel";
  isWide?: boolean;
}

// What the form holds: the line, with an organisation by name and lists as text.
export type LineValues = Omit<LineForm, "organisation" | "dns_names" | "reason"> & { organisation?: OrganisationChoice; dns_names?: string; reason?: string };

export const revocationReasons = ["1", "3", "4", "5", "9", "0"] as const; // CRLReason of RFC 5280, in the order in which they occur
export const simOperators = ["Viettel", "Vinaphone", "Mobifone"] as const;
const sectors = ["education", "health", "administration", "finance", "justice", "security", "culture", "transport", "other"] as const;

const isSim = (values: LineValues) => values.device === "sim_pki";
const isCentral = (values: LineValues) => values.device === "central";

const contact: Field[] = [
  { name: "email", type: "text", group: "contact", isRequired: true, inputMode: "email" },
  { name: "phone", type: "text", group: "contact", isRequired: (values) => isSim(values) || isCentral(values), inputMode: "tel" },
];
const province: Field = { name: "province", type: "province", group: "work", isRequired: true };
const organisation: Field = { name: "organisation", type: "organisation", group: "work", isRequired: true, isWide: true };
const note: Field = { name: "note", type: "area", group: "more", isWide: true };
const device = (...choices: string[]): Field => ({ name: "device", type: "choice", group: "device", choices, isRequired: true, isWide: true });

function personFields(isCentralSigning: boolean): Field[] {
  const central: Field[] = [
    { name: "sector", type: "choice", group: "central", choices: sectors, isRequired: true },
    { name: "owns_number", type: "yes-no", group: "central", isRequired: true },
    { name: "is_authorised_person", type: "yes-no", group: "central", isRequired: true },
    { name: "does_finance", type: "yes-no", group: "central", isRequired: true },
    { name: "phone_os", type: "choice", group: "central", choices: ["ios", "android"], isRequired: true },
    { name: "phone_os_version", type: "text", group: "central", isRequired: true },
    { name: "computer_os_version", type: "text", group: "central", isRequired: true },
  ];
  return [
    { name: "name", type: "text", group: "subject", isRequired: true },
    { name: "date_of_birth", type: "date", group: "subject", isRequired: true },
    { name: "identity", type: "text", group: "paper", isRequired: true },
    { name: "identity_date", type: "date", group: "paper", isRequired: true },
    { name: "identity_place", type: "text", group: "paper", isRequired: true, isWide: true },
    organisation,
    province,
    { name: "position", type: "text", group: "work" },
    ...contact,
    device(...(isCentralSigning ? ["central"] : ["token", "sim_pki", "pkcs10"])),
    { name: "sim_operator", type: "choice", group: "device", choices: simOperators, isShown: isSim, isRequired: true },
    { name: "sim_keep_number", type: "check", group: "device", isShown: isSim },
    ...(isCentralSigning ? central : []),
    { name: "old_serial", type: "text", group: "more" },
    note,
  ];
}

const organisationFields: Field[] = [
  { name: "name", type: "text", group: "subject", isRequired: true, isWide: true },
  { name: "tax_code", type: "text", group: "subject", inputMode: "numeric" },
  { name: "budget_code", type: "text", group: "subject", inputMode: "numeric" },
  { ...organisation, isRequired: false },
  province,
  { name: "address", type: "text", group: "work", isRequired: true, isWide: true },
  ...contact,
  device("token", "pkcs10"),
  { name: "old_serial", type: "text", group: "more" },
  note,
];

const deviceFields: Field[] = [
  { name: "subject_kind", type: "choice", group: "subject", choices: ["device", "service", "software"], isRequired: true, isWide: true },
  { name: "name", type: "text", group: "subject", isRequired: true, isWide: true },
  { name: "dns_names", type: "lines", group: "subject", isWide: true, isShown: (values) => values.subject_kind !== "software" },
  { name: "manager", type: "text", group: "work", isRequired: true },
  province,
  { ...organisation, isRequired: false },
  ...contact,
  device("pkcs10", "token"),
  note,
];

const serial: Field = { name: "serial", type: "text", group: "certificate", isRequired: true };
const changes = (values: LineValues) => values.action === "change";
const changeFields: Field[] = [
  serial,
  { name: "action", type: "choice", group: "certificate", choices: ["renew", "change"], isRequired: true },
  { name: "name", type: "text", group: "subject", isShown: changes },
  { name: "position", type: "text", group: "subject", isShown: changes },
  { name: "identity", type: "text", group: "paper", isShown: changes },
  { ...organisation, isRequired: false, isShown: changes },
  { ...province, isRequired: false, isShown: changes },
  { name: "tax_code", type: "text", group: "more", isShown: changes, inputMode: "numeric" },
  { name: "budget_code", type: "text", group: "more", isShown: changes, inputMode: "numeric" },
  { name: "email", type: "text", group: "contact", inputMode: "email" },
  { name: "phone", type: "text", group: "contact", inputMode: "tel" },
  { ...device("token", "sim_pki", "pkcs10"), isRequired: false },
  { name: "sim_operator", type: "choice", group: "device", choices: simOperators, isShown: isSim, isRequired: true },
  { name: "sim_keep_number", type: "check", group: "device", isShown: isSim },
  note,
];

const revocationFields: Field[] = [
  serial,
  { name: "action", type: "choice", group: "certificate", choices: ["revoke", "suspend", "release"], isRequired: true },
  { name: "reason", type: "choice", group: "certificate", choices: revocationReasons, isRequired: true, isShown: (values) => values.action === "revoke", isWide: true },
  { name: "reason_text", type: "area", group: "certificate", isRequired: (values) => values.action === "revoke" && values.reason === "0", isWide: true },
  note,
];

const recoveryFields: Field[] = [serial, { name: "token_serial", type: "text", group: "certificate" }, { name: "reason_text", type: "area", group: "certificate", isWide: true }, note];

export function fieldsOf(kind: DossierKind, isCentralSigning = false): Field[] {
  switch (kind) {
    case "01":
      return personFields(isCentralSigning);
    case "02":
      return organisationFields;
    case "03":
      return deviceFields;
    case "04":
      return changeFields;
    case "05":
      return revocationFields;
    case "06":
      return recoveryFields;
  }
}

export const isAboutCertificate = (kind: DossierKind) => kind >= "04";

// A new line of this kind, before anything is typed.
export function emptyValues(kind: DossierKind, isCentralSigning = false): LineValues {
  if (kind === "01") return { device: isCentralSigning ? "central" : "token" };
  if (kind === "02") return { device: "token" };
  if (kind === "03") return { device: "pkcs10", subject_kind: "device" };
  if (kind === "04") return { action: "renew" };
  if (kind === "05") return { action: "revoke" };
  return { action: "recover" };
}

const formNames: FieldName[] = [
  "name", "date_of_birth", "identity", "identity_date", "identity_place", "email", "province", "position", "phone", "old_serial", "device", "sim_operator",
  "sim_keep_number", "tax_code", "budget_code", "address", "subject_kind", "manager", "issuer", "serial", "action", "reason_text", "token_serial", "sector",
  "is_authorised_person", "does_finance", "owns_number", "phone_os", "phone_os_version", "computer_os_version", "note", "organisation_names",
];

export function valuesOf(line: LineForm & Partial<Pick<Line, "organisation_chain">>): LineValues {
  const values: Record<string, unknown> = {};
  for (const name of formNames) if (line[name] != null && line[name] !== "") values[name] = line[name];
  const chain = line.organisation_chain ?? line.organisation_names ?? [];
  if (line.organisation) values.organisation = { id: line.organisation, name: chain.at(-1) ?? line.organisation, chain };
  if (line.dns_names?.length) values.dns_names = line.dns_names.join("\n");
  if (line.reason != null) values.reason = String(line.reason);
  return values as LineValues;
}

// Only what counts in this kind goes to the server: a number of SIM PKI does not stay behind when the device becomes a token.
export function lineOf(values: LineValues, fields: readonly Field[]): LineForm {
  const line: Record<string, unknown> = {};
  const keep = new Set<FieldName>(["issuer", "action", ...fields.filter((field) => !field.isShown || field.isShown(values)).map((field) => field.name)]);
  for (const name of formNames) {
    const value = values[name as keyof LineValues];
    if (keep.has(name) && value !== undefined && value !== null && value !== "") line[name] = typeof value === "string" ? value.trim() : value;
  }
  if (keep.has("organisation") && values.organisation) line.organisation = values.organisation.id;
  if (keep.has("organisation") && !values.organisation && values.organisation_names?.length) line.organisation_names = values.organisation_names;
  if (keep.has("dns_names") && values.dns_names) line.dns_names = values.dns_names.split(/[\s,;]+/).filter(Boolean);
  if (keep.has("reason") && values.reason) line.reason = Number(values.reason);
  return line as LineForm;
}
