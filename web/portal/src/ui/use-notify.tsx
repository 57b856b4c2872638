import { App } from "antd";
import { useMemo } from "react";
import { asProblem } from "@/api/problem";
import { useLanguage } from "@/i18n";
import { ProblemText } from "./problem-alert";

// Short news: done(text) for what worked, failed(error) for what did not (stays until closed, tells cause, next step, trace).
export function useNotify() {
  const { message, notification } = App.useApp();
  const language = useLanguage();
  return useMemo(
    () => ({
      done: (text: string) => void message.success(text),
      failed: (error: unknown) => {
        if (error instanceof DOMException && error.name === "AbortError") return;
        const problem = asProblem(error);
        notification.error({ title: problem.title(language), description: <ProblemText problem={problem} />, duration: 0, placement: "topRight", role: "alert" });
      },
    }),
    [message, notification, language],
  );
}
