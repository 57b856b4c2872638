import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
import { formatTime } from "@/lib/format";
import { ProblemAlert } from "@/ui/problem-alert";
import { Section } from "@/ui/section";
import { Tag } from "@/ui/tags";
import { useNotify } from "@/ui/use-notify";

// "Edge, Windows" is what people recognise; the full text stays in the title.
function agentName(agent: string | undefined): string {
  const browser = /Edg\//.test(agent ?? "") ? "Edge" : /OPR\//.test(agent ?? "") ? "Opera" : /CocCoc|coc_coc/i.test(agent ?? "") ? "Cốc Cốc" : /Firefox\//.test(agent ?? "") ? "Firefox" : /Chrome\//.test(agent ?? "") ? "Chrome" : /Safari\//.test(agent ?? "") ? "Safari" : undefined;
  const system = /Windows/.test(agent ?? "") ? "Windows" : /Android/.test(agent ?? "") ? "Android" : /iPhone|iPad/.test(agent ?? "") ? "iOS" : /Mac OS/.test(agent ?? "") ? "macOS" : /Linux/.test(agent ?? "") ? "Linux" : undefined;
  return [browser, system].filter(Boolean).join(", ") || (agent ?? "?").slice(0, 60);
}

export function Sessions() {
  const { t } = useTranslation("account");
  const queries = useQueryClient();
  const notify = useNotify();
  const { data, error, refetch } = useQuery({ queryKey: ["me", "sessions"], queryFn: () => unwrap(api.GET("/api/v1/me/sessions")) });

  async function end(work: Promise<unknown>) {
    try {
      await work;
      notify.done(t("me.ended"));
      await queries.invalidateQueries({ queryKey: ["me", "sessions"] });
    } catch (failure) {
      notify.failed(failure);
    }
  }
  const others = data?.items.filter((session) => !session.is_this) ?? [];
  return (
    <Section title={t("me.sessions")}>
      <p className="k-muted">{t("me.sessionsLead")}</p>
      <ProblemAlert error={error} onRetry={() => void refetch()} />
      <ul className="a-list">
        {data?.items.map((session) => (
          <li key={session.id}>
            <div>
              <b title={session.agent}>{agentName(session.agent)}</b> {session.is_this && <Tag tone="good">{t("me.thisSession")}</Tag>}
              <div className="k-muted">
                {[session.address, t(`me.way.${session.way ?? "password"}`), t("me.since", { time: formatTime(session.created) }), t("me.seen", { time: formatTime(session.seen) })].filter(Boolean).join(" · ")}
              </div>
            </div>
            {!session.is_this && (
              <Button onClick={() => void end(unwrap(api.DELETE("/api/v1/me/sessions/{id}", { params: { path: { id: session.id } } })))} aria-label={`${t("me.endSession")}: ${agentName(session.agent)}`}>
                {t("me.endSession")}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {others.length > 1 && <Button onClick={() => void end(unwrap(api.DELETE("/api/v1/me/sessions")))}>{t("me.endOthers")}</Button>}
    </Section>
  );
}
