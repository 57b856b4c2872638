import "./organisation-picker.css";
import { ApartmentOutlined, RightOutlined, SearchOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Input, Modal } from "antd";
import { type KeyboardEvent, useDeferredValue, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
import type { Organisation } from "@/api/types";
import { formatDate, today } from "@/lib/format";
import { matches } from "@/lib/text";
import { ProblemAlert } from "./problem-alert";

const levels = 4;
const pageSize = 200;

export interface OrganisationChoice {
  id: string;
  name: string;
  chain: string[];
}

function chainOf(organisation: { name: string; chain: string[] }): string {
  return (organisation.chain.length > 0 ? organisation.chain : [organisation.name]).join("; ");
}

// The organisations below one, all pages of them: a province has some hundred communes.
async function childrenOf(parent: string): Promise<Organisation[]> {
  const found: Organisation[] = [];
  let after: string | undefined;
  do {
    const answer = await unwrap(api.GET("/api/v1/organisations", { params: { query: { parent, after, limit: pageSize } } }));
    found.push(...answer.items);
    after = answer.next;
  } while (after && found.length < 5000);
  return found;
}

interface ColumnProps {
  level: number;
  parent: string;
  chosen: Organisation | undefined;
  onChoose: (organisation: Organisation) => void;
}

// One level. Arrow keys move within, typing filters without diacritics.
function Column({ level, parent, chosen, onChoose }: ColumnProps) {
  const { t } = useTranslation();
  const id = useId();
  const [filter, setFilter] = useState("");
  const { data, error, isLoading, refetch } = useQuery({ queryKey: ["organisations", "below", parent], queryFn: () => childrenOf(parent), staleTime: 5 * 60_000 });
  const shown = data?.filter((organisation) => matches(organisation.name, filter)) ?? [];

  function move(event: KeyboardEvent<HTMLElement>) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const buttons = [...event.currentTarget.querySelectorAll("button")];
    buttons[buttons.indexOf(document.activeElement as HTMLButtonElement) + step]?.focus();
  }

  return (
    <div className="o-column" role="group" aria-labelledby={id}>
      <h3 id={id}>{t("organisation.level", { level })}</h3>
      {(data?.length ?? 0) > 8 && <Input size="small" allowClear value={filter} onChange={(event) => setFilter(event.target.value)} placeholder={t("action.search")} aria-label={`${t("action.search")}: ${t("organisation.level", { level })}`} />}
      <ProblemAlert error={error} onRetry={() => void refetch()} />
      <ul className="k-plain" onKeyDown={move} aria-busy={isLoading}>
        {shown.map((organisation) => (
          <li key={organisation.id}>
            <button type="button" aria-pressed={chosen?.id === organisation.id} onClick={() => onChoose(organisation)}>
              <span>{organisation.name}</span>
              {organisation.has_children && <RightOutlined aria-hidden />}
            </button>
          </li>
        ))}
      </ul>
      {isLoading && <p className="k-hint" role="status">{t("loading")}</p>}
      {data?.length === 0 && <p className="k-hint">{t("organisation.noChildren")}</p>}
    </div>
  );
}

function Results({ query, chosen, onChoose }: { query: string; chosen: OrganisationChoice | undefined; onChoose: (organisation: Organisation) => void }) {
  const { t } = useTranslation();
  const { data, error, isLoading } = useQuery({
    queryKey: ["organisations", "search", query],
    queryFn: () => unwrap(api.GET("/api/v1/organisations", { params: { query: { q: query, limit: 30 } } })),
    placeholderData: (before) => before,
  });
  return (
    <section aria-label={t("organisation.results")} className="o-results">
      <ProblemAlert error={error} />
      <p role="status" className="k-hidden">
        {data && `${t("organisation.results")}: ${data.items.length}`}
      </p>
      {isLoading && <p className="k-hint">{t("loading")}</p>}
      {data?.items.length === 0 && (
        <p>
          <b>{t("organisation.noResults")}</b>
          <br />
          {t("organisation.noResultsHint")}
        </p>
      )}
      <ul className="k-plain">
        {data?.items.map((organisation) => (
          <li key={organisation.id}>
            <button type="button" aria-pressed={chosen?.id === organisation.id} onClick={() => onChoose(organisation)}>
              <span>
                <b>{organisation.name}</b>
                <small>{organisation.chain.slice(0, -1).join("; ")}</small>
                {organisation.valid_to && organisation.valid_to <= today() && <small>{t("organisation.expired", { date: formatDate(organisation.valid_to) })}</small>}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

interface DialogProps {
  open: boolean;
  onClose: () => void;
  onChoose: (organisation: OrganisationChoice) => void;
}

// TÌM THEO PHÂN CẤP: four levels side by side, and a search over all of them.
export function OrganisationDialog({ open, onClose, onChoose }: DialogProps) {
  const { t } = useTranslation();
  const [path, setPath] = useState<Organisation[]>([]);
  const [found, setFound] = useState<Organisation>();
  const [text, setText] = useState("");
  const query = useDeferredValue(text.trim());
  const searching = query.length >= 2;
  const chosen = searching ? found : path.at(-1);
  const parents = ["root", ...path.filter((organisation) => organisation.has_children).map((organisation) => organisation.id)].slice(0, levels);

  return (
    <Modal
      open={open}
      onCancel={onClose}
      title={t("organisation.title")}
      width={1080}
      className="o-dialog"
      okText={t("organisation.choose")}
      cancelText={t("action.close")}
      okButtonProps={{ disabled: !chosen }}
      onOk={() => {
        if (!chosen) return;
        onChoose({ id: chosen.id, name: chosen.name, chain: chosen.chain });
        onClose();
      }}
      destroyOnHidden
    >
      <Input prefix={<SearchOutlined aria-hidden />} allowClear autoFocus value={text} onChange={(event) => setText(event.target.value)} placeholder={t("organisation.search")} aria-label={t("organisation.search")} maxLength={200} />
      {searching ? (
        <Results query={query} chosen={found} onChoose={setFound} />
      ) : (
        <div className="o-columns">
          {parents.map((parent, at) => (
            <Column key={parent} level={at + 1} parent={parent} chosen={path[at]} onChoose={(organisation) => setPath([...path.slice(0, at), organisation])} />
          ))}
        </div>
      )}
      <p className="o-chosen" role="status">
        {chosen ? t("organisation.chosen", { name: chainOf(chosen) }) : t("organisation.none")}
      </p>
    </Modal>
  );
}

interface PickerProps {
  id?: string;
  value?: OrganisationChoice;
  onChange?: (organisation: OrganisationChoice | undefined) => void;
  disabled?: boolean;
  allowClear?: boolean;
}

// A form's field; its value is {id, name, chain}.
export function OrganisationPicker({ id, value, onChange, disabled, allowClear }: PickerProps) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const action = value ? t("organisation.change") : t("organisation.pick");
  return (
    <div className="o-picker">
      {value && <span className="o-picked">{chainOf(value)}</span>}
      <Button id={id} icon={<ApartmentOutlined aria-hidden />} disabled={disabled} aria-haspopup="dialog" aria-label={`${action} – ${value ? chainOf(value) : t("organisation.label")}`} onClick={() => setOpen(true)}>
        {action}
      </Button>
      {value && allowClear && (
        <Button type="text" disabled={disabled} onClick={() => onChange?.(undefined)}>
          {t("action.delete")}
        </Button>
      )}
      <OrganisationDialog open={open} onClose={() => setOpen(false)} onChoose={(organisation) => onChange?.(organisation)} />
    </div>
  );
}
