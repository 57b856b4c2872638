import { Alert, type AlertRef, Button } from "antd";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { asProblem, type Problem } from "@/api/problem";
import { useLanguage } from "@/i18n";

// What happened, what to do next, and the code that lets a helper find the request.
export function ProblemAlert({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { t } = useTranslation();
  const alert = useRef<AlertRef>(null);
  // Below the edge of a window nobody would know why nothing happened.
  useEffect(() => void alert.current?.nativeElement.scrollIntoView({ block: "nearest" }), [error]);
  if (!error) return null;
  const problem = asProblem(error);
  return (
    <Alert
      ref={alert}
      type="error"
      showIcon
      className="k-problem"
      title={<ProblemTitle problem={problem} />}
      description={<ProblemText problem={problem} />}
      action={onRetry && <Button onClick={onRetry}>{t("action.retry")}</Button>}
    />
  );
}

function ProblemTitle({ problem }: { problem: Problem }) {
  return <strong>{problem.title(useLanguage())}</strong>;
}

export function ProblemText({ problem }: { problem: Problem }) {
  const { t } = useTranslation();
  const next = problem.next(useLanguage());
  return (
    <>
      {next && (
        <p className="k-problem-next">
          <b>{t("problem.next")}</b>
          {next}
        </p>
      )}
      {problem.trace && (
        <p className="k-trace" title={t("problem.traceHint")}>
          {t("problem.trace")}
          <code>{problem.trace}</code>
        </p>
      )}
    </>
  );
}
