import { Form } from "antd";
import { useEffect, useRef, useState } from "react";
import { api, unwrap } from "@/api/client";
import { asProblem } from "@/api/problem";
import type { Dossier } from "@/api/types";
import { useDraft } from "@/lib/drafts";
import { type Conflict, type FormValues, isSameForm, mergeForms } from "./merge";
import { loadDossier } from "./queries";

interface Base {
  revision: number;
  form: FormValues;
}
const baseOf = (dossier: Dossier): Base => ({ revision: dossier.revision, form: dossier.form });

// What was typed, and into what: others may have saved when it is restored.
interface DossierDraft {
  base: FormValues;
  values: FormValues;
}

// What somebody types into a dossier: kept on this computer until it is saved, joined with what others save meanwhile.
export function useDossierForm(dossier: Dossier, account: string, isEditable: boolean, accept: (dossier: Dossier) => void) {
  const [form] = Form.useForm<FormValues>();
  const base = useRef<Base>(baseOf(dossier));
  const unsettled = useRef<Conflict[]>([]);
  const [isDirty, setDirty] = useState(false);
  const [conflicts, showConflicts] = useState<Conflict[]>([]);
  const [taken, setTaken] = useState<string[]>([]);
  const [saving, setSaving] = useState(false);
  const drafts = useDraft<DossierDraft>(isEditable ? `${account}/dossier/${dossier.id}` : undefined);

  const current = () => ({ ...base.current.form, ...(form.getFieldsValue(true) as FormValues) });

  function setConflicts(next: Conflict[]) {
    unsettled.current = next;
    showConflicts(next);
  }

  // Joins what was typed into `was` with what the server has now.
  function join(was: FormValues, typed: FormValues, now: Base) {
    const merged = mergeForms(was, typed, now.form, unsettled.current.map(({ field }) => field));
    base.current = now;
    form.setFieldsValue(merged.values);
    const dirty = !isSameForm(merged.values, now.form);
    setDirty(dirty);
    setConflicts(merged.conflicts);
    setTaken(dirty ? merged.taken : []);
    if (dirty) drafts.keep({ base: now.form, values: merged.values });
    return dirty;
  }
  function reconcile(fresh: Dossier) {
    if (fresh.revision > base.current.revision) join(base.current.form, current(), baseOf(fresh));
  }
  const latest = useRef(reconcile);
  useEffect(() => {
    latest.current = reconcile;
  });
  // The event of one's own save may come before its answer.
  useEffect(() => {
    if (!saving) latest.current(dossier);
  }, [dossier, saving]);

  function changed() {
    const values = current();
    const dirty = !isSameForm(values, base.current.form);
    setDirty(dirty);
    if (dirty) return drafts.keep({ base: base.current.form, values });
    setTaken([]);
    drafts.forget();
  }

  const put = (values: FormValues) => unwrap(api.PUT("/api/v1/dossiers/{id}", { params: { path: { id: dossier.id } }, body: { ...values, revision: base.current.revision } }));

  // The saved dossier, or undefined when somebody else's changes have to be looked at first.
  async function save(): Promise<Dossier | undefined> {
    if (unsettled.current.length > 0) return undefined;
    setSaving(true);
    try {
      let sent = current();
      let saved: Dossier;
      try {
        saved = await put(sent);
      } catch (error) {
        if (asProblem(error).code !== "registry.dossier.changed") throw error;
        const fresh = await loadDossier(dossier.id);
        reconcile(fresh);
        accept(fresh);
        if (unsettled.current.length > 0) return undefined;
        sent = current();
        saved = await put(sent);
      }
      // What was typed while it was sent is still to be saved.
      if (!join(sent, current(), baseOf(saved))) drafts.forget();
      setTaken([]);
      accept(saved);
      return saved;
    } finally {
      setSaving(false);
    }
  }

  return {
    form, isDirty, conflicts, taken, saving, drafts, save, changed,
    restore: (draft: DossierDraft) => void join(draft.base, draft.values, base.current),
    settle: (conflict: Conflict, useTheirs: boolean) => {
      if (useTheirs) {
        form.setFieldValue(conflict.field.split("/") as [keyof FormValues], conflict.theirs as never);
        changed();
      }
      setConflicts(unsettled.current.filter((one) => one.field !== conflict.field));
    },
  };
}
export type DossierFormState = ReturnType<typeof useDossierForm>;
