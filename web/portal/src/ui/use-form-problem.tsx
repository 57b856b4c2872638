import { Form, type FormInstance } from "antd";
import { useCallback, useEffect, useRef, useState } from "react";
import { asProblem, fieldErrors, type Problem } from "@/api/problem";
import { useLanguage } from "@/i18n";

// Puts what the server says about fields beside the fields and gives the rest to a ProblemAlert above the buttons.
//   const { problem, show, clear } = useFormProblem(form);
//   try { … } catch (error) { show(error); }
export function useFormProblem(form: FormInstance) {
  const language = useLanguage();
  const [problem, setProblem] = useState<Problem>();
  const said = useRef<{ name: (string | number)[]; value: unknown }[]>([]);
  const forget = useCallback(
    (isOver: (field: { name: (string | number)[]; value: unknown }) => boolean) => {
      const over = said.current.filter(isOver);
      if (over.length === 0) return;
      said.current = said.current.filter((field) => !over.includes(field));
      form.setFields(over.map(({ name }) => ({ name, errors: [] })));
    },
    [form],
  );
  // What was said of one value is not said of another.
  const values: unknown = Form.useWatch([], form);
  useEffect(() => forget(({ name, value }) => form.getFieldValue(name) !== value), [form, values, forget]);

  const show = useCallback(
    (error: unknown) => {
      const found = asProblem(error);
      const known = fieldErrors(found, language).filter(({ name }) => form.getFieldInstance(name) || form.getFieldValue(name) !== undefined);
      if (known.length > 0) {
        said.current = known.map(({ name }) => ({ name, value: form.getFieldValue(name) as unknown }));
        form.setFields(known);
        form.scrollToField(known[0]!.name, { block: "center", focus: true });
      }
      setProblem(found);
    },
    [form, language],
  );
  const clear = useCallback(() => {
    forget(() => true);
    setProblem(undefined);
  }, [forget]);
  return { problem, show, clear };
}
