import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Form, Input, InputNumber } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, unwrap, upload } from "@/api/client";
import type { OrganisationDetail } from "@/api/types";
import { provinceName } from "@/dossiers/provinces";
import { formatDate, today } from "@/lib/format";
import { DateField } from "@/ui/date-field";
import { Facts } from "@/ui/facts";
import { ProblemAlert } from "@/ui/problem-alert";
import { Section } from "@/ui/section";
import { UploadBox } from "@/ui/upload-box";
import { useNotify } from "@/ui/use-notify";

const period = (from: string | undefined, to: string | undefined) => `${formatDate(from)} – ${to ? formatDate(to) : "…"}`;
const linesOf = (text: string) => text.split("\n").map((line) => line.trim()).filter(Boolean);

function Aliases({ organisation }: { organisation: OrganisationDetail }) {
  const { t } = useTranslation("administration");
  const { t: common } = useTranslation();
  const queries = useQueryClient();
  const notify = useNotify();
  const valuesOf = (kind: "code" | "name") => (organisation.aliases ?? []).filter((alias) => alias.kind === kind).map((alias) => alias.value).join("\n");

  async function save(fields: { codes: string; names: string }) {
    // A remark belongs to its value and stays with it.
    const note = (kind: string, value: string) => organisation.aliases?.find((alias) => alias.kind === kind && alias.value === value)?.note;
    const aliases = [
      ...linesOf(fields.codes).map((value) => ({ kind: "code" as const, value, note: note("code", value) })),
      ...linesOf(fields.names).map((value) => ({ kind: "name" as const, value, note: note("name", value) })),
    ];
    try {
      await unwrap(api.PUT("/api/v1/organisations/{id}/aliases", { params: { path: { id: organisation.id } }, body: { aliases } }));
      notify.done(t("organisations.aliasesSaved"));
      await queries.invalidateQueries({ queryKey: ["organisations"] });
    } catch (error) {
      notify.failed(error);
    }
  }
  return (
    <Section title={t("organisations.aliases")}>
      <Form layout="vertical" initialValues={{ codes: valuesOf("code"), names: valuesOf("name") }} onFinish={(fields: { codes: string; names: string }) => void save(fields)}>
        <div className="k-grid">
          <Form.Item name="codes" label={t("organisations.aliasCode")} extra={t("organisations.aliasesHint")}>
            <Input.TextArea rows={2} spellCheck={false} />
          </Form.Item>
          <Form.Item name="names" label={t("organisations.aliasName")} extra={t("organisations.aliasesHint")}>
            <Input.TextArea rows={2} />
          </Form.Item>
        </div>
        <Button htmlType="submit">{common("action.save")}</Button>
      </Form>
    </Section>
  );
}

function Seals({ organisation, mayChange }: { organisation: OrganisationDetail; mayChange: boolean }) {
  const { t } = useTranslation("administration");
  const queries = useQueryClient();
  const notify = useNotify();
  const [from, setFrom] = useState<string | undefined>(today());
  const [diameter, setDiameter] = useState<number | null>(36);
  return (
    <Section title={t("organisations.seals")}>
      <ul>
        {(organisation.seals ?? []).map((seal) => (
          <li key={seal.id}>
            {t("organisations.seal", { from: period(seal.valid_from, seal.valid_to), diameter: seal.diameter_mm })}
          </li>
        ))}
      </ul>
      {mayChange && (
        <>
          <div className="k-filter">
            <div>
              <label htmlFor="seal-from">{t("organisations.from")}</label>
              <DateField id="seal-from" value={from} onChange={setFrom} />
            </div>
            <div>
              <label htmlFor="seal-diameter">{t("organisations.diameter")}</label>
              <InputNumber id="seal-diameter" className="k-wide" min={20} max={60} value={diameter} onChange={setDiameter} />
            </div>
          </div>
          <UploadBox
            compact
            accept={[".png"]}
            limit={2 * 1024 * 1024}
            title={t("organisations.addSeal")}
            disabled={!from || !diameter}
            onError={notify.failed}
            send={async (file, onProgress, signal) => {
              await upload(`/api/v1/organisations/${organisation.id}/seals`, file, { name: "image", fields: { valid_from: from ?? today(), diameter_mm: String(diameter) }, onProgress, signal });
              notify.done(t("organisations.saved"));
              await queries.invalidateQueries({ queryKey: ["organisations"] });
            }}
          />
        </>
      )}
    </Section>
  );
}

interface ViewProps {
  id: string;
  at: string | undefined;
  mayChange: boolean;
  onEdit: (organisation: OrganisationDetail) => void;
  onAddBelow: (organisation: OrganisationDetail) => void;
  onReorganise: (organisation: OrganisationDetail) => void;
  onChoose: (id: string) => void;
}

export function OrganisationView({ id, at, mayChange, onEdit, onAddBelow, onReorganise, onChoose }: ViewProps) {
  const { t } = useTranslation("administration");
  const { data, error, refetch } = useQuery({ queryKey: ["organisations", "one", id, at], queryFn: () => unwrap(api.GET("/api/v1/organisations/{id}", { params: { path: { id }, query: { at } } })) });
  if (error) return <ProblemAlert error={error} onRetry={() => void refetch()} />;
  if (!data) return null;
  const relatives = (entries: OrganisationDetail["predecessors"]) =>
    entries?.length ? entries.map((one) => <div key={one.id}><Button type="link" className="k-cell-link" onClick={() => onChoose(one.id)}>{one.chain.join("; ") || one.name}</Button></div>) : undefined;
  return (
    <>
      <Section
        title={data.name}
        actions={
          mayChange && (
            <>
              <Button onClick={() => onEdit(data)}>{t("organisations.edit")}</Button>
              <Button onClick={() => onAddBelow(data)}>{t("organisations.addBelow")}</Button>
              <Button onClick={() => onReorganise(data)}>{t("organisations.operation")}</Button>
            </>
          )
        }
      >
        {!!data.stale_certificates && (
          <Alert
            className="k-gap"
            type="warning"
            showIcon
            title={t("organisations.stale", { count: data.stale_certificates })}
            action={<Link to={`/danh-muc/chung-thu-so?stale=true&organisation=${encodeURIComponent(data.id)}`}>{t("organisations.staleLink")}</Link>}
          />
        )}
        <Facts
          items={[
            [t("organisations.parent"), data.chain.slice(0, -1).join("; ")],
            [t("organisations.kind"), t(`organisations.kinds.${data.kind}`)],
            [t("organisations.province"), data.province_name ?? provinceName(data.province)],
            [t("organisations.sector"), data.sector && t(`organisations.sectors.${data.sector}`)],
            [t("organisations.code"), data.code],
            [t("organisations.taxCode"), data.tax_code],
            [t("organisations.budgetCode"), data.budget_code],
            [t("organisations.address"), data.address],
            [t("organisations.domains"), data.mail_domains?.join(", ")],
            [t("organisations.valid"), period(data.valid_from, data.valid_to)],
            [t("organisations.predecessors"), relatives(data.predecessors)],
            [t("organisations.successors"), relatives(data.successors)],
          ]}
        />
      </Section>
      {(data.history?.length ?? 0) > 0 && (
        <Section title={t("organisations.history")}>
          <table className="g-history">
            <tbody>
              {data.history?.map((entry, index) => (
                <tr key={index}>
                  <td className="k-nowrap">{period(entry.from, entry.to)}</td>
                  <td>
                    <b>{entry.name}</b>
                    <div className="k-muted">{[entry.parent_name, entry.instrument].filter(Boolean).join(" · ")}</div>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Section>
      )}
      {mayChange && <Aliases key={`${data.id}/${JSON.stringify(data.aliases)}`} organisation={data} />}
      <Seals organisation={data} mayChange={mayChange} />
    </>
  );
}
