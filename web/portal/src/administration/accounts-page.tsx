import { useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Checkbox, Drawer, Form, Input, Popconfirm, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { api, unwrap } from "@/api/client";
import type { Account, Role } from "@/api/types";
import { useAccount, useSession } from "@/app/session";
import { Mail } from "@/dossiers/mail";
import { type Column, RecordPages } from "@/dossiers/record-table";
import { formatTime } from "@/lib/format";
import { OrganisationPicker, type OrganisationChoice } from "@/ui/organisation-picker";
import { PageHeader } from "@/ui/page-header";
import { ProblemAlert } from "@/ui/problem-alert";
import { Tag } from "@/ui/tags";
import { useFormProblem } from "@/ui/use-form-problem";
import { useNotify } from "@/ui/use-notify";
import { usePages } from "@/ui/use-pages";

const roles: Role[] = ["clerk", "head", "receiving", "checking", "approving", "auditor", "administrator"];
const tones = { waiting: "warn", active: "good", locked: "bad", closed: "plain" } as const;

interface Fields {
  roles: Role[];
  person?: string;
  state: "active" | "locked" | "closed";
}

function AccountDrawer({ account, onClose }: { account: Account; onClose: () => void }) {
  const { t } = useTranslation("administration");
  const { t: common } = useTranslation();
  const queries = useQueryClient();
  const notify = useNotify();
  const [form] = Form.useForm<Fields>();
  const { problem, show, clear } = useFormProblem(form);
  const [busy, setBusy] = useState(false);

  async function save(fields: Fields) {
    setBusy(true);
    clear();
    try {
      const body = { roles: fields.roles, person: fields.person?.trim() || null, state: account.state === "waiting" && fields.state === undefined ? undefined : fields.state };
      await unwrap(api.PATCH("/api/v1/accounts/{id}", { params: { path: { id: account.id } }, body }));
      notify.done(t("accounts.changed"));
      await queries.invalidateQueries({ queryKey: ["accounts"] });
      onClose();
    } catch (error) {
      show(error);
    } finally {
      setBusy(false);
    }
  }
  return (
    <Drawer open onClose={onClose} size={480} title={`${t("accounts.change")}: ${account.name}`} closable={{ "aria-label": common("action.close") }}>
      <p>
        {account.email}
        <br />
        <span className="k-muted">{account.organisation.chain.join("; ")}</span>
      </p>
      <Form<Fields> form={form} layout="vertical" initialValues={{ roles: account.roles, person: account.person, state: account.state === "waiting" ? undefined : account.state }} onFinish={(fields) => void save(fields)}>
        <Form.Item name="roles" label={t("accounts.roles")}>
          <Checkbox.Group className="k-choices" role="group" aria-label={t("accounts.roles")} options={roles.map((role) => ({ value: role, label: common(`role.${role}`) }))} />
        </Form.Item>
        <Form.Item name="person" label={t("accounts.person")} extra={t("accounts.personHint")}>
          <Input maxLength={100} spellCheck={false} />
        </Form.Item>
        <Form.Item name="state" label={t("accounts.state")}>
          <Select placeholder={t(`accounts.states.${account.state}`)} options={(["active", "locked", "closed"] as const).map((state) => ({ value: state, label: t(`accounts.states.${state}`) }))} />
        </Form.Item>
        <Alert className="k-gap" type="info" title={t("accounts.note")} />
        <ProblemAlert error={problem} />
        <Button type="primary" htmlType="submit" loading={busy}>
          {common("action.save")}
        </Button>
      </Form>
    </Drawer>
  );
}

// "Chấp nhận": a head knows who works in the own organisation.
function AdmitButton({ account }: { account: Account }) {
  const { t } = useTranslation("administration");
  const { t: common } = useTranslation();
  const queries = useQueryClient();
  const notify = useNotify();

  async function admit() {
    try {
      await unwrap(api.PATCH("/api/v1/accounts/{id}", { params: { path: { id: account.id } }, body: { state: "active" } }));
      notify.done(t("accounts.admitted", { name: account.name }));
    } catch (error) {
      notify.failed(error);
    }
    await queries.invalidateQueries({ queryKey: ["accounts"] });
  }
  return (
    <Popconfirm title={t("accounts.admitSure", { name: account.name, email: account.email })} okText={t("accounts.admit")} cancelText={common("action.cancel")} onConfirm={admit}>
      <Button size="small" aria-label={t("accounts.admitNamed", { name: account.name })}>
        {t("accounts.admit")}
      </Button>
    </Popconfirm>
  );
}

export function Page() {
  const { t } = useTranslation("administration");
  const { t: common } = useTranslation();
  const { has } = useSession();
  const [query, setQuery] = useSearchParams();
  const q = query.get("q") ?? "";
  const [organisation, setOrganisation] = useState<OrganisationChoice>();
  const [chosen, setChosen] = useState<Account>();
  const pages = usePages(["accounts", q, organisation?.id], (after) => unwrap(api.GET("/api/v1/accounts", { params: { query: { q: q || undefined, organisation: organisation?.id, after } } })));
  const own = useAccount();
  const mayChange = has("administrator");
  const mayAdmit = (account: Account) => has("head") && account.state === "waiting" && account.organisation.id === own.organisation.id;

  const columns: Column<Account>[] = [
    {
      key: "name",
      title: t("accounts.name"),
      className: "d-broad",
      render: (account) => (
        <>
          {mayChange ? <Button type="link" className="k-cell-link" onClick={() => setChosen(account)}>{account.name}</Button> : <strong>{account.name}</strong>}
          <small><Mail address={account.email} /></small>
        </>
      ),
    },
    { key: "organisation", title: common("organisation.label"), render: (account) => <span title={account.organisation.chain.join("; ")}>{account.organisation.name}</span> },
    { key: "roles", title: t("accounts.roles"), render: (account) => account.roles.map((role) => common(`role.${role}`)).join(", ") },
    {
      key: "state",
      title: t("accounts.state"),
      render: (account) => (
        <div className="d-states">
          <Tag tone={tones[account.state]} title={account.locked_until && t("accounts.lockedUntil", { time: formatTime(account.locked_until) })}>
            {t(`accounts.states.${account.state}`)}
          </Tag>
          {mayAdmit(account) && <AdmitButton account={account} />}
        </div>
      ),
    },
    { key: "lastSignIn", title: t("accounts.lastSignIn"), render: (account) => formatTime(account.last_sign_in) },
  ];
  return (
    <>
      <PageHeader title={t("accounts.title")} lead={t("accounts.lead")} crumbs={[{ text: common("work.administration") }]} />
      <div className="k-filter">
        <div>
          <label htmlFor="account-search">{t("accounts.search")}</label>
          <Input.Search id="account-search" allowClear defaultValue={q} maxLength={200} onSearch={(value) => setQuery(value ? { q: value } : {}, { replace: true })} />
        </div>
        <div>
          <label htmlFor="account-organisation">{t("accounts.organisation")}</label>
          <OrganisationPicker id="account-organisation" value={organisation} onChange={setOrganisation} allowClear />
        </div>
      </div>
      <RecordPages label={t("accounts.title")} pages={pages} rowKey={(account) => account.id} columns={columns} />
      {chosen && <AccountDrawer key={chosen.id} account={chosen} onClose={() => setChosen(undefined)} />}
    </>
  );
}
