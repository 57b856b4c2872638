import { CheckCircleFilled } from "@ant-design/icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Input, Modal } from "antd";
import { useId, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
import type { Dossier, Finding, Line } from "@/api/types";
import { useLanguage } from "@/i18n";
import { ProblemAlert } from "@/ui/problem-alert";
import { useNotify } from "@/ui/use-notify";
import { FindingText, LevelIcon } from "./finding-list";
import { type FindingGroup, groupFindings, isOfSignature, messageOf, nextOf } from "./findings";
import { linesKey, useDossierCache } from "./queries";

interface Props {
  dossier: Dossier;
  open: boolean;
  onClose: () => void;
  onSubmitted: (dossier: Dossier) => void;
  onGo: (finding: Finding) => void; // to where it can be corrected
}

// What still hinders; then reasons for what is right all the same; then "Nộp hồ sơ".
export function SubmitDialog(props: Props) {
  return props.open ? <Body {...props} /> : null;
}

function Body({ dossier, onClose, onSubmitted, onGo }: Props) {
  const { t } = useTranslation("dossiers");
  const { t: common } = useTranslation();
  const notify = useNotify();
  const cache = useDossierCache(dossier.id);
  const [reasons, setReasons] = useState<Record<string, string>>({});
  const [asked, setAsked] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ["submission", dossier.id, dossier.revision],
    queryFn: () => unwrap(api.GET("/api/v1/dossiers/{id}/submission", { params: { path: { id: dossier.id } } })),
    staleTime: 0,
    gcTime: 0,
  });
  const nameOf = useLineNames(dossier.id);
  const groups = groupFindings(data?.findings ?? []);
  const hard = groups.filter((group) => group.isHard), toExplain = groups.filter((group) => group.wantsReason), notes = groups.filter((group) => !group.isHard && !group.wantsReason);
  const reasonOf = (group: FindingGroup) => reasons[group.key] ?? group.findings.find((finding) => finding.reason)?.reason ?? "";
  const missing = toExplain.filter((group) => !reasonOf(group).trim());

  async function submit() {
    setAsked(true);
    setProblem(undefined);
    if (missing.length > 0) return document.getElementById(`reason-${missing[0]!.key}`)?.focus();
    setBusy(true);
    try {
      const given = Object.fromEntries(toExplain.map((group) => [group.key, reasonOf(group).trim()]));
      const submitted = await unwrap(api.POST("/api/v1/dossiers/{id}/submission", { params: { path: { id: dossier.id } }, body: { revision: dossier.revision, reasons: given } }));
      notify.done(t("submit.done"));
      onSubmitted(submitted);
    } catch (failure) {
      setProblem(failure);
      void refetch();
      void cache.refresh();
    } finally {
      setBusy(false);
    }
    return undefined;
  }

  return (
    <Modal
      open
      onCancel={onClose}
      width={760}
      title={t("submit.title")}
      footer={
        <div className="d-drawer-foot">
          <Button type="primary" loading={busy} disabled={!data || isFetching || hard.length > 0} onClick={() => void submit()}>
            {t("submit.button")}
          </Button>
          <Button onClick={onClose}>{common("action.close")}</Button>
          <span role="status" className="k-muted">
            {!data ? t("submit.checking") : hard.length > 0 ? t("submit.open", { count: hard.length }) : asked && missing.length > 0 ? t("submit.missing", { count: missing.length }) : ""}
          </span>
        </div>
      }
    >
      <ProblemAlert error={problem ?? error} onRetry={problem ? undefined : () => void refetch()} />
      {data && hard.length === 0 && (
        <p className="d-ready">
          <CheckCircleFilled aria-hidden /> {t(toExplain.length > 0 ? "submit.readyReasons" : "submit.ready", { count: dossier.line_count })}
        </p>
      )}
      {hard.length > 0 && (
        <section aria-label={t("submit.hard")}>
          {hard.some(({ findings }) => findings.some(isOfSignature)) && <Alert className="k-gap" type="error" showIcon title={t("submit.letter")} />}
          <h3>{t("submit.hard")}</h3>
          <ul className="k-plain d-checks">
            {hard.map((group) => (
              <Group key={group.key} group={group} nameOf={nameOf} onGo={onGo} />
            ))}
          </ul>
        </section>
      )}
      {toExplain.length > 0 && (
        <section aria-label={t("submit.explain")}>
          <h3>{t("submit.explain")}</h3>
          <p className="k-hint">{t("submit.explainHint")}</p>
          <ul className="k-plain d-checks">
            {toExplain.map((group) => (
              <Group key={group.key} group={group} nameOf={nameOf} onGo={onGo}>
                <label className="k-hidden" htmlFor={`reason-${group.key}`}>
                  {t("submit.reason")}
                </label>
                <Input.TextArea
                  id={`reason-${group.key}`}
                  autoSize={{ minRows: 1, maxRows: 4 }}
                  maxLength={500}
                  value={reasonOf(group)}
                  placeholder={t("submit.reason")}
                  status={asked && !reasonOf(group).trim() ? "error" : undefined}
                  onChange={(event) => setReasons({ ...reasons, [group.key]: event.target.value })}
                />
              </Group>
            ))}
          </ul>
        </section>
      )}
      {notes.length > 0 && (
        <section aria-label={t("submit.notes")}>
          <h3>{t("submit.notes")}</h3>
          <ul className="k-plain d-checks">
            {notes.map((group) => (
              <Group key={group.key} group={group} nameOf={nameOf} onGo={onGo} />
            ))}
          </ul>
        </section>
      )}
    </Modal>
  );
}

const shownAtOnce = 5;

// "3. Nguyễn Văn A" for a line that the page has loaded.
function useLineNames(dossier: string): (finding: Finding) => string | undefined {
  const queries = useQueryClient();
  return useMemo(() => {
    const names = new Map<string, string>();
    for (const [, data] of queries.getQueriesData<{ pages: { items: Line[] }[] }>({ queryKey: linesKey(dossier) }))
      for (const line of data?.pages.flatMap((page) => page.items) ?? []) names.set(line.id, `${line.number}. ${line.name ?? line.serial ?? ""}`);
    return (finding) => (finding.line ? names.get(finding.line) : undefined);
  }, [queries, dossier]);
}

interface GroupProps {
  group: FindingGroup;
  nameOf: (finding: Finding) => string | undefined;
  onGo: (finding: Finding) => void;
  children?: React.ReactNode;
}

function Group({ group, nameOf, onGo, children }: GroupProps) {
  const { t } = useTranslation("dossiers");
  const language = useLanguage();
  const [all, setAll] = useState(false);
  const id = useId();
  const first = group.findings[0]!;
  if (group.findings.length === 1)
    return (
      <li>
        <FindingText finding={{ ...first, reason: undefined }} />
        <Button size="small" type="link" onClick={() => onGo(first)}>
          {nameOf(first) ? t("submit.goLine", { name: nameOf(first) }) : t("submit.go")}
        </Button>
        {children}
      </li>
    );
  const texts = new Set(group.findings.map((finding) => messageOf(finding, language)));
  const shown = all ? group.findings : group.findings.slice(0, shownAtOnce);
  return (
    <li>
      <div className="d-finding">
        <LevelIcon level={group.level} />
        <div>
          <strong>{t("submit.lines", { count: group.findings.length })}</strong> {texts.size === 1 && messageOf(first, language)} <span className="k-muted">{nextOf(first, language)}</span>
        </div>
      </div>
      <ul id={id} className="d-group-lines">
        {shown.map((finding) => (
          <li key={finding.id}>
            <Button size="small" type="link" onClick={() => onGo(finding)}>
              {[nameOf(finding) ?? t("submit.go"), texts.size > 1 && messageOf(finding, language)].filter(Boolean).join(": ")}
            </Button>
          </li>
        ))}
      </ul>
      {group.findings.length > shownAtOnce && (
        <Button size="small" aria-expanded={all} aria-controls={id} onClick={() => setAll(!all)}>
          {t(all ? "submit.fewer" : "submit.all", { count: group.findings.length })}
        </Button>
      )}
      {children}
    </li>
  );
}
