import type { FormInstance } from "antd";
import { useCallback, useState } from "react";
import { asProblem, fieldErrors, type Problem } from "@/api/problem";
import { useLanguage } from "@/i18n";

// Puts what the server says about fields beside the fields and gives the rest to a ProblemAlert above the buttons.
//   const { problem, show, clear } = useFormProblem(form);
//   try { … } catch (error) { show(error); }
export function useFormProblem(form: FormInstance) {
  const language = useLanguage();
  const [problem, setProblem] = useState<Problem>();
  const show = useCallback(
    (error: unknown) => {
      const found = asProblem(error);
      const known: { name: (string | number)[]; errors: string[] }[] = [];
      for (const field of fieldErrors(found, language)) if (form.getFieldInstance(field.name) || form.getFieldValue(field.name) !== undefined) known.push(field);
      if (known.length > 0) {
        form.setFields(known);
        form.scrollToField(known[0]!.name, { block: "center", focus: true });
      }
      setProblem(found);
    },
    [form, language],
  );
  return { problem, show, clear: useCallback(() => setProblem(undefined), []) };
}
