import type { DossierForm } from "@/api/types";

// Two people edit one dossier: what only one of them changed is taken from him; what both changed is a conflict, in which the own text
// stays until its author decides. Members of receiver and coordinator are compared one by one.
export type FormValues = Omit<DossierForm, "revision">;
type Flat = Map<string, unknown>;

export interface Conflict {
  field: string; // "receiver/phone"
  mine: unknown;
  theirs: unknown;
}
export interface Merged {
  values: FormValues;
  conflicts: Conflict[];
  taken: string[]; // fields that came from the other one
}

const isNothing = (value: unknown) => value === undefined || value === null || value === "" || value === false;
const same = (a: unknown, b: unknown) => (isNothing(a) && isNothing(b)) || a === b;

export function flatten(values: object | undefined, prefix = ""): Flat {
  const flat: Flat = new Map();
  for (const [name, value] of Object.entries(values ?? {})) {
    if (name === "revision" && !prefix) continue;
    if (typeof value === "object" && value !== null) for (const [inner, text] of flatten(value as object, `${prefix}${name}/`)) flat.set(inner, text);
    else flat.set(prefix + name, value);
  }
  return flat;
}

export function unflatten(flat: Flat): FormValues {
  const values: Record<string, unknown> = {};
  for (const [path, value] of flat) {
    const [first = "", second] = path.split("/");
    if (second === undefined) values[first] = value;
    else values[first] = { ...(values[first] as object | undefined), [second]: value };
  }
  return values as FormValues;
}

export function isSameForm(a: object | undefined, b: object | undefined): boolean {
  const left = flatten(a), right = flatten(b);
  return [...new Set([...left.keys(), ...right.keys()])].every((field) => same(left.get(field), right.get(field)));
}

// `open`: fields in conflict already, which stay so until their author decides, whoever saves meanwhile.
export function mergeForms(base: object, mine: object, theirs: object, open: readonly string[] = []): Merged {
  const was = flatten(base), own = flatten(mine), other = flatten(theirs);
  const result: Flat = new Map(), conflicts: Conflict[] = [], taken: string[] = [];
  for (const field of new Set([...was.keys(), ...own.keys(), ...other.keys()])) {
    const [before, mineNow, theirsNow] = [was.get(field), own.get(field), other.get(field)];
    const iChanged = !same(before, mineNow), theyChanged = !same(before, theirsNow);
    if (theyChanged && !iChanged) taken.push(field);
    if ((theyChanged || open.includes(field)) && iChanged && !same(mineNow, theirsNow)) conflicts.push({ field, mine: mineNow, theirs: theirsNow });
    result.set(field, theyChanged && !iChanged ? theirsNow : mineNow);
  }
  return { values: unflatten(result), conflicts, taken };
}
