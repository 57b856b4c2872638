import "./desk.css";
import { PlusOutlined } from "@ant-design/icons";
import { useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Form, Input, Modal, Radio, Select } from "antd";
import { useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { api, unwrap } from "@/api/client";
import type { Token } from "@/api/types";
import { useSession } from "@/app/session";
import { type Column, RecordPages } from "@/dossiers/record-table";
import { formatTime } from "@/lib/format";
import { PageHeader } from "@/ui/page-header";
import { ProblemAlert } from "@/ui/problem-alert";
import { Tag, TokenTag } from "@/ui/tags";
import { useNotify } from "@/ui/use-notify";
import { usePages } from "@/ui/use-pages";
import { readTokens, tokenLimit } from "./token-list";

const states: Token["state"][] = ["stock", "personalised", "delivered", "returned", "faulty", "scrapped"];
const settable = ["stock", "returned", "faulty", "scrapped"] as const;

// "Kho thiết bị".
export function Page() {
  const { t } = useTranslation("desk");
  const { t: common } = useTranslation();
  const { has } = useSession();
  const [search, setSearch] = useSearchParams();
  const [text, setText] = useState(search.get("q") ?? "");
  const [adding, setAdding] = useState(false);
  const [changing, setChanging] = useState<Token>();
  const q = search.get("q") ?? undefined, state = search.get("state") ?? undefined;
  const pages = usePages<Token>(["desk", "tokens", q, state], (after) => unwrap(api.GET("/api/v1/desk/tokens", { params: { query: { q, state, after } } })));
  const canChange = has("receiving");

  function set(name: string, value: string | undefined) {
    setSearch(
      (before) => {
        const next = new URLSearchParams(before);
        if (value?.trim()) next.set(name, value.trim());
        else next.delete(name);
        return next;
      },
      { replace: true },
    );
  }
  useEffect(() => {
    if (text.trim() === (q ?? "")) return undefined;
    const timer = setTimeout(() => set("q", text), 700);
    return () => clearTimeout(timer);
  });

  const columns: Column<Token>[] = [
    { key: "serial", title: t("token.serial"), render: (token) => <span className="d-mono d-main">{token.serial}</span> },
    { key: "model", title: t("token.model"), render: (token) => <>{token.model} {token.is_old_model && <Tag tone="warn">{t("token.old")}</Tag>}<small>{token.batch}</small></> },
    { key: "state", title: t("token.state"), render: (token) => <><TokenTag state={token.state} /><small>{token.note}</small></> },
    { key: "holder", title: t("token.holder"), render: (token) => <>{token.holder}{token.dossier && <small><Link to={`/ban-xu-ly/ho-so/${token.dossier}`}>{t("token.dossier")}</Link></small>}</> },
    { key: "certificate", title: t("token.certificate"), className: "d-serial", render: (token) => <span className="d-mono">{token.certificate}</span> },
    { key: "changed", title: t("token.changed"), className: "d-narrow", render: (token) => formatTime(token.changed) },
  ];
  if (canChange)
    columns.push({
      key: "actions", title: t("token.change"), isHidden: true, className: "d-actions",
      render: (token) =>
        token.state !== "scrapped" && (
          <Button size="small" aria-label={t("token.changeNamed", { serial: token.serial })} onClick={() => setChanging(token)}>
            {t("token.change")}
          </Button>
        ),
    });
  return (
    <>
      <PageHeader
        title={common("work.tokens")}
        lead={t("token.lead")}
        crumbs={[{ text: common("work.lists") }]}
        actions={
          canChange && (
            <Button type="primary" icon={<PlusOutlined aria-hidden />} onClick={() => setAdding(true)}>
              {t("token.add")}
            </Button>
          )
        }
      />
      <search className="k-filter" aria-label={common("action.search")}>
        <div>
          <label htmlFor="token-q">{t("token.serial")}</label>
          <Input id="token-q" allowClear value={text} maxLength={64} placeholder="029D9FA9" onChange={(event) => setText(event.target.value)} onPressEnter={() => set("q", text)} />
        </div>
        <div>
          <label htmlFor="token-state">{t("token.state")}</label>
          <Select id="token-state" className="k-wide" allowClear placeholder={t("token.every")} value={state} onChange={(value?: string) => set("state", value)} options={states.map((one) => ({ value: one, label: common(`tokenState.${one}`) }))} />
        </div>
      </search>
      <RecordPages label={common("work.tokens")} pages={pages} columns={columns} rowKey={(token) => token.serial} emptyText={t("token.none")} toneOf={(token) => (token.is_old_model ? "warn" : token.state === "faulty" ? "bad" : undefined)} />
      {adding && <AddDialog onClose={() => setAdding(false)} />}
      {changing && <ChangeDialog token={changing} onClose={() => setChanging(undefined)} />}
    </>
  );
}

function AddDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("desk");
  const { t: common } = useTranslation();
  const notify = useNotify();
  const queries = useQueryClient();
  const [values, setValues] = useState({ model: "", batch: "", text: "" });
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const [known, setKnown] = useState<string[]>();
  const list = useMemo(() => readTokens(values.text, values.model, values.batch), [values]);
  const tooMany = list.tokens.length > tokenLimit;

  async function add() {
    setBusy(true);
    setProblem(undefined);
    try {
      const result = await unwrap(api.POST("/api/v1/desk/tokens", { body: { tokens: list.tokens } }));
      notify.done(t("token.added", { count: result.added }));
      void queries.invalidateQueries({ queryKey: ["desk", "tokens"] });
      if (result.known.length === 0) return onClose();
      setKnown(result.known);
      setValues({ ...values, text: "" });
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  }
  return (
    <Modal open onCancel={onClose} title={t("token.addTitle")} width={680} okText={t("token.addCount", { count: list.tokens.length })} cancelText={common("action.close")} okButtonProps={{ disabled: list.tokens.length === 0 || tooMany, loading: busy }} onOk={() => void add()}>
      <ProblemAlert error={problem} />
      {known && <Alert className="k-gap" type="warning" showIcon title={t("token.known", { count: known.length })} description={<span className="d-mono">{known.join(", ")}</span>} />}
      <Form layout="vertical" component="div">
        <div className="k-grid">
          <Form.Item label={t("token.model")} htmlFor="token-model">
            <Input id="token-model" value={values.model} maxLength={100} placeholder="SafeNet eToken 5110" onChange={(event) => setValues({ ...values, model: event.target.value })} />
          </Form.Item>
          <Form.Item label={t("token.batch")} htmlFor="token-batch">
            <Input id="token-batch" value={values.batch} maxLength={100} onChange={(event) => setValues({ ...values, batch: event.target.value })} />
          </Form.Item>
        </div>
        <Form.Item label={t("token.list")} htmlFor="token-list" extra={t("token.listHint")}>
          <Input.TextArea id="token-list" className="d-mono" rows={8} value={values.text} placeholder={"029D9FA9\n0294B2B1; Bit4ID; 2026-01"} spellCheck={false} onChange={(event) => setValues({ ...values, text: event.target.value })} />
        </Form.Item>
      </Form>
      <div role="status">
        {list.tokens.length > 0 && <p>{t("token.read", { count: list.tokens.length })}</p>}
        {tooMany && <p className="d-bad-text">{t("token.tooMany", { count: tokenLimit })}</p>}
        {list.doubled.length > 0 && <p className="d-warn-text">{t("token.doubled", { serials: list.doubled.slice(0, 10).join(", ") })}</p>}
        {list.faults.length > 0 && (
          <>
            <p className="d-bad-text">{t("token.faults", { count: list.faults.length })}</p>
            <ul>
              {list.faults.slice(0, 10).map((fault) => (
                <li key={fault.line}>{t("token.fault", { line: fault.line, text: fault.text })}</li>
              ))}
            </ul>
          </>
        )}
      </div>
    </Modal>
  );
}

function ChangeDialog({ token, onClose }: { token: Token; onClose: () => void }) {
  const { t } = useTranslation("desk");
  const { t: common } = useTranslation();
  const notify = useNotify();
  const queries = useQueryClient();
  const [form] = Form.useForm<{ state: (typeof settable)[number]; note?: string }>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>();

  async function change(body: { state: (typeof settable)[number]; note?: string }) {
    setBusy(true);
    setProblem(undefined);
    try {
      await unwrap(api.PATCH("/api/v1/desk/tokens/{serial}", { params: { path: { serial: token.serial } }, body }));
      notify.done(t("token.saved"));
      void queries.invalidateQueries({ queryKey: ["desk", "tokens"] });
      onClose();
    } catch (error) {
      setProblem(error);
      setBusy(false);
    }
  }
  return (
    <Modal open onCancel={onClose} title={t("token.changeNamed", { serial: token.serial })} okText={common("action.save")} cancelText={common("action.close")} okButtonProps={{ loading: busy }} onOk={() => form.submit()}>
      <ProblemAlert error={problem} />
      <p>
        {t("token.now")} <TokenTag state={token.state} />
      </p>
      <Form form={form} layout="vertical" onFinish={(values) => void change(values)}>
        <Form.Item name="state" label={t("token.newState")} rules={[{ required: true, message: common("form.required", { label: t("token.newState") }) }]}>
          <Radio.Group options={settable.filter((state) => state !== token.state).map((state) => ({ value: state, label: common(`tokenState.${state}`) }))} />
        </Form.Item>
        <Form.Item name="note" label={t("token.note")}>
          <Input.TextArea autoSize={{ minRows: 2 }} maxLength={500} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
