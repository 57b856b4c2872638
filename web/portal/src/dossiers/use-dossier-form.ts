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

// What somebody types into a dossier: kept on this computer until it is saved, joined with what others save meanwhile.
export function useDossierForm(dossier: Dossier, account: string, isEditable: boolean, accept: (dossier: Dossier) => void) {
  const [form] = Form.useForm<FormValues>();
  const base = useRef<Base>(baseOf(dossier));
  const [isDirty, setDirty] = useState(false);
  const [conflicts, setConflicts] = useState<Conflict[]>([]);
  const [taken, setTaken] = useState<string[]>([]);
  const [saving, setSaving] = useState(false);
  const drafts = useDraft<FormValues>(isEditable ? `${account}/dossier/${dossier.id}` : undefined);

  const current = () => ({ ...base.current.form, ...(form.getFieldsValue(true) as FormValues) });

  // Joins what is typed with what the server has now.
  function reconcile(fresh: Dossier): Conflict[] {
    if (fresh.revision === base.current.revision) return conflicts;
    const { values, conflicts: found, taken: changed } = mergeForms(base.current.form, current(), fresh.form);
    base.current = baseOf(fresh);
    form.setFieldsValue(values);
    const stillDirty = !isSameForm(values, fresh.form);
    setDirty(stillDirty);
    setConflicts(stillDirty ? found : []);
    setTaken(stillDirty ? changed : []);
    return found;
  }
  const latest = useRef(reconcile);
  useEffect(() => {
    latest.current = reconcile;
  });
  useEffect(() => {
    latest.current(dossier);
  }, [dossier]);

  function changed() {
    const values = current();
    const dirty = !isSameForm(values, base.current.form);
    setDirty(dirty);
    if (dirty) drafts.keep(values);
    else drafts.forget();
  }

  const put = () => unwrap(api.PUT("/api/v1/dossiers/{id}", { params: { path: { id: dossier.id } }, body: { ...current(), revision: base.current.revision } }));

  // The saved dossier, or undefined when somebody else's changes have to be looked at first.
  async function save(): Promise<Dossier | undefined> {
    setSaving(true);
    try {
      let saved: Dossier;
      try {
        saved = await put();
      } catch (error) {
        if (asProblem(error).code !== "registry.dossier.changed") throw error;
        const fresh = await loadDossier(dossier.id);
        const found = reconcile(fresh);
        accept(fresh);
        if (found.length > 0) return undefined;
        saved = await put();
      }
      base.current = baseOf(saved);
      form.setFieldsValue(saved.form);
      setDirty(false);
      setConflicts([]);
      setTaken([]);
      drafts.forget();
      accept(saved);
      return saved;
    } finally {
      setSaving(false);
    }
  }

  return {
    form, isDirty, conflicts, taken, saving, drafts, save, changed,
    // What is on the server, saved first when something is typed.
    ensureSaved: async (): Promise<Dossier | undefined> => (isDirty ? save() : dossier),
    restore: (values: FormValues) => {
      form.setFieldsValue(values);
      changed();
    },
    settle: (conflict: Conflict, useTheirs: boolean) => {
      if (useTheirs) {
        form.setFieldValue(conflict.field.split("/") as [keyof FormValues], conflict.theirs as never);
        changed();
      }
      setConflicts((before) => before.filter((one) => one.field !== conflict.field));
    },
    revision: () => base.current.revision,
  };
}
export type DossierFormState = ReturnType<typeof useDossierForm>;
