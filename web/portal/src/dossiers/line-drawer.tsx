import { Alert, Button, Drawer, Form } from "antd";
import { useCallback, useEffect, useId, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
import { asProblem } from "@/api/problem";
import type { Dossier, Finding, Line, LineForm } from "@/api/types";
import { useAccount } from "@/app/session";
import { useDraft } from "@/lib/drafts";
import { DraftNotice } from "@/ui/draft-notice";
import { ProblemAlert } from "@/ui/problem-alert";
import { useNotify } from "@/ui/use-notify";
import { FindingList } from "./finding-list";
import { LineField } from "./line-field";
import { emptyValues, type Field, fieldsOf, type Group, isAboutCertificate, lineOf, type LineValues, valuesOf } from "./line-fields";

interface Props {
  dossier: Dossier;
  line?: Line; // to be changed; otherwise a new one
  start?: LineForm; // of a new one
  open: boolean;
  onClose: () => void;
  onSaved: () => void;
}

const pause = 450; // ms without a key before the checks are asked

// "Thêm yêu cầu": every column of the kind; the server's checks run while one types and stand beside their fields.
export function LineDrawer(props: Props) {
  return props.open ? <Body {...props} /> : null;
}

function Body({ dossier, line, start, onClose, onSaved }: Props) {
  const { t } = useTranslation("dossiers");
  const { t: common } = useTranslation();
  const account = useAccount();
  const notify = useNotify();
  const formId = useId();
  const { kind } = dossier;
  const isCentral = dossier.central_signing ?? false;
  const fields = useMemo(() => fieldsOf(kind, isCentral), [kind, isCentral]);
  const first = useMemo<LineValues>(() => (line ? valuesOf(line) : { ...emptyValues(kind, isCentral), ...(start && valuesOf(start)) }), [line, start, kind, isCentral]);
  const [form] = Form.useForm<LineValues>();
  const [values, setValues] = useState<LineValues>(first);
  const [findings, setFindings] = useState<readonly Finding[]>(line?.findings ?? []);
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const [showAll, setShowAll] = useState(!!line);
  const [busy, setBusy] = useState<"close" | "next">();
  const [problem, setProblem] = useState<unknown>();
  const [checking, setChecking] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const turn = useRef(0);
  const drafts = useDraft<LineValues>(`${account.id}/line/${dossier.id}/${line?.id ?? "new"}`);

  // Only the latest answer counts; when the connection is lost the checks stay silent, saving will tell.
  const check = useCallback(
    async (now: LineValues): Promise<readonly Finding[]> => {
      const mine = ++turn.current;
      setChecking(true);
      try {
        const answer = await unwrap(api.POST("/api/v1/dossiers/{id}/check", { params: { path: { id: dossier.id } }, body: lineOf(now, fields) }));
        if (mine === turn.current) setFindings(answer.findings);
        return answer.findings;
      } catch {
        return [];
      } finally {
        if (mine === turn.current) setChecking(false);
      }
    },
    [dossier.id, fields],
  );
  useEffect(() => () => clearTimeout(timer.current), []);

  function changed(part: Partial<LineValues>, all: LineValues) {
    setValues(all);
    setTouched((before) => new Set([...before, ...Object.keys(part)]));
    drafts.keep(all);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => void check(all), pause);
  }

  // A field is not blamed for being empty before somebody has been there.
  const isVisible = (finding: Finding) => showAll || !finding.field || (touched.has(finding.field) && finding.code !== "registry.line.required");
  const shown = findings.filter(isVisible);
  const ofField = (name: string) => shown.filter((finding) => finding.field === name || finding.field?.startsWith(`${name}/`));
  const visibleFields = fields.filter((field) => !field.isShown || field.isShown(values));
  const names = new Set<string>(visibleFields.map((field) => field.name));
  const general = shown.filter((finding) => !finding.field || !names.has(finding.field.split("/")[0]!));

  async function save(then: "close" | "next") {
    clearTimeout(timer.current);
    setBusy(then);
    setProblem(undefined);
    setShowAll(true);
    const body = lineOf({ ...first, ...form.getFieldsValue(true) }, fields);
    const path = { id: dossier.id };
    try {
      if (line) await unwrap(api.PUT("/api/v1/dossiers/{id}/lines/{line}", { params: { path: { ...path, line: line.id } }, body: { ...body, revision: line.revision } }));
      else await unwrap(api.POST("/api/v1/dossiers/{id}/lines", { params: { path }, body: { lines: [body] } }));
      drafts.forget();
      notify.done(t(line ? "line.changed" : "line.added"));
      onSaved();
      if (then === "close") return onClose();
      // The next person usually works at the same place.
      const next: LineValues = { ...emptyValues(kind, isCentral), organisation: body.organisation ? form.getFieldValue("organisation") : undefined, province: body.province };
      form.resetFields();
      form.setFieldsValue(next);
      setValues(next);
      setFindings([]);
      setTouched(new Set());
      setShowAll(false);
      form.getFieldInstance(visibleFields[0]!.name)?.focus?.();
    } catch (error) {
      setProblem(error);
      if (asProblem(error).code === "registry.dossier.changed") onSaved(); // opened again it shows what a colleague saved; what was typed here is kept as a draft
      const found = await check({ ...first, ...form.getFieldsValue(true) });
      const worstField = found.find((finding) => finding.level === "block" && finding.field && names.has(finding.field))?.field ?? asProblem(error).body.fields?.[0]?.field.split("/").at(-1);
      if (worstField) form.scrollToField(worstField, { block: "center", focus: true });
    } finally {
      setBusy(undefined);
    }
  }

  const groups: Group[] = ["certificate", "subject", "paper", "work", "contact", "device", "central", "more"];
  const fieldElement = (field: Field) => <LineField key={field.name} field={field} kind={kind} values={values} findings={ofField(field.name)} isFixed={field.name === "serial" && !!(line?.serial ?? start?.serial)} />;
  const title = t(line ? "line.edit" : "line.add", { number: line?.number });
  return (
    <Drawer
      open
      onClose={onClose}
      size={820}
      title={title}
      closable={{ "aria-label": common("action.close") }}
      rootClassName="d-drawer"
      footer={
        <div className="d-drawer-foot">
          <Button type="primary" loading={busy === "close"} disabled={!!busy} onClick={() => void save("close")}>
            {common("action.save")}
          </Button>
          {!line && !isAboutCertificate(kind) && (
            <Button loading={busy === "next"} disabled={!!busy} onClick={() => void save("next")}>
              {t("line.saveNext")}
            </Button>
          )}
          <Button onClick={onClose}>{common("action.close")}</Button>
          <span className="k-muted" role="status">
            {checking ? t("line.checking") : shown.length > 0 ? t("line.found", { block: shown.filter((one) => one.level === "block").length, warn: shown.filter((one) => one.level === "warn").length }) : ""}
          </span>
        </div>
      }
    >
      <DraftNotice
        drafts={drafts}
        onRestore={(kept) => {
          form.setFieldsValue(kept);
          setValues(kept);
          void check(kept);
        }}
      />
      <ProblemAlert error={problem} />
      {general.length > 0 && <Alert className="k-gap" type={general.some((finding) => finding.level === "block") ? "error" : "warning"} title={<FindingList findings={general} />} />}
      {line?.decision_reason && <Alert className="k-gap" type="warning" showIcon title={t("line.returnedBecause", { reason: line.decision_reason })} />}
      <Form<LineValues> id={formId} form={form} layout="vertical" initialValues={first} onValuesChange={changed} onFinish={() => void save("close")}>
        {groups.map((group) => {
          const own = visibleFields.filter((field) => field.group === group);
          if (own.length === 0) return null;
          return (
            <fieldset key={group} className="d-group">
              <legend>{t(`group.${group}`)}</legend>
              {group === "central" && <p className="k-hint d-group-hint">{t("new.centralRulesText")}</p>}
              <div className="k-grid">{own.map(fieldElement)}</div>
            </fieldset>
          );
        })}
        <button type="submit" hidden />
      </Form>
    </Drawer>
  );
}

