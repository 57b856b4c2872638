import { PlusOutlined } from "@ant-design/icons";
import { Button, Input, Select } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useSearchParams } from "react-router";
import { api, unwrap } from "@/api/client";
import type { DossierKind } from "@/api/types";
import { useSession } from "@/app/session";
import { useRefreshOn } from "@/lib/events";
import { kinds } from "@/public/kind-icons";
import { DateField } from "@/ui/date-field";
import { PageHeader } from "@/ui/page-header";
import { usePages } from "@/ui/use-pages";
import { DossierRecords } from "./dossier-records";

type Box = "draft" | "submitted" | "finished" | "all";

export const DraftsPage = () => <DossierList box="draft" />;
export const SubmittedPage = () => <DossierList box="submitted" />;
export const FinishedPage = () => <DossierList box="finished" />;
export const SearchPage = () => <DossierList box="all" />;

function DossierList({ box }: { box: Box }) {
  const { t } = useTranslation("dossiers");
  const { t: common } = useTranslation();
  const { has } = useSession();
  const navigate = useNavigate();
  const [search] = useSearchParams();
  const filter = {
    q: search.get("q") ?? undefined,
    number: search.get("number") ?? undefined,
    kind: (search.get("kind") ?? undefined) as DossierKind | undefined,
    from: search.get("from") ?? undefined,
    to: search.get("to") ?? undefined,
  };
  const isFiltered = Object.values(filter).some(Boolean);
  const pages = usePages(["dossiers", box, filter], (after) => unwrap(api.GET("/api/v1/dossiers", { params: { query: { box, after, ...filter } } })));
  useRefreshOn(["dossier"], ["dossiers", box]);
  const canCreate = has("clerk");

  return (
    <>
      <PageHeader
        title={t(`list.${box}.title`)}
        lead={t(`list.${box}.lead`)}
        crumbs={[{ text: common(box === "all" ? "work.search" : "work.dossiers") }]}
        actions={
          canCreate && (
            <Button type="primary" icon={<PlusOutlined aria-hidden />} onClick={() => void navigate("/ho-so/moi")}>
              {common("action.add")}
            </Button>
          )
        }
      />
      <DossierFilter key={search.toString()} />
      <DossierRecords
        pages={pages}
        label={t(`list.${box}.title`)}
        addressOf={(dossier) => `/ho-so/${dossier.id}`}
        box={box}
        emptyText={
          isFiltered ? (
            <p>{t("list.nothingFound")}</p>
          ) : (
            <>
              <p>
                <strong>{t(`list.${box}.empty`)}</strong>
              </p>
              {box === "draft" && canCreate && <Link to="/ho-so/moi">{t("list.create")}</Link>}
            </>
          )
        }
      />
    </>
  );
}

// The filter stands in the address, so that it survives going back and can be sent to a colleague.
export function DossierFilter() {
  const { t } = useTranslation("dossiers");
  const { t: common } = useTranslation();
  const [search, setSearch] = useSearchParams();
  const [text, setText] = useState(search.get("q") ?? "");
  const [number, setNumber] = useState(search.get("number") ?? "");
  const [more, setMore] = useState(["kind", "from", "to"].some((name) => search.has(name)));

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
  // Whoever types does not have to press anything.
  useEffect(() => {
    if (text.trim() === (search.get("q") ?? "") && number.trim() === (search.get("number") ?? "")) return undefined;
    const timer = setTimeout(() => {
      set("q", text);
      set("number", number);
    }, 900);
    return () => clearTimeout(timer);
  });

  return (
    <search className={`k-filter d-filter${more ? " d-filter-open" : ""}`} aria-label={common("action.search")}>
      <div>
        <label htmlFor="dossier-q">{t("filter.words")}</label>
        <Input id="dossier-q" allowClear value={text} maxLength={200} placeholder={t("filter.wordsHint")} onChange={(event) => setText(event.target.value)} onPressEnter={() => set("q", text)} />
      </div>
      <div>
        <label htmlFor="dossier-number">{t("field.letter_number")}</label>
        <Input id="dossier-number" allowClear value={number} maxLength={100} placeholder="01/CV-CTS" onChange={(event) => setNumber(event.target.value)} onPressEnter={() => set("number", number)} />
      </div>
      <div className="d-filter-more">
        <Button aria-expanded={more} onClick={() => setMore(!more)}>
          {t(more ? "filter.less" : "filter.more")}
        </Button>
      </div>
      <div className="d-filter-rare">
        <label htmlFor="dossier-kind">{t("field.kind")}</label>
        <Select id="dossier-kind" className="k-wide" allowClear value={search.get("kind") ?? undefined} placeholder={t("filter.every")} onChange={(value?: string) => set("kind", value)} options={kinds.map((kind) => ({ value: kind, label: `${kind} - ${common(`kind.${kind}`)}` }))} popupMatchSelectWidth={false} />
      </div>
      <div className="d-filter-rare">
        <label htmlFor="dossier-from">{t("filter.from")}</label>
        <DateField id="dossier-from" value={search.get("from") ?? undefined} max={search.get("to") ?? undefined} onChange={(value) => set("from", value)} />
      </div>
      <div className="d-filter-rare">
        <label htmlFor="dossier-to">{t("filter.to")}</label>
        <DateField id="dossier-to" value={search.get("to") ?? undefined} min={search.get("from") ?? undefined} onChange={(value) => set("to", value)} />
      </div>
      {search.size > 0 && (
        <div>
          <Button onClick={() => setSearch({}, { replace: true })}>{common("action.clear")}</Button>
        </div>
      )}
    </search>
  );
}
