import "@/public/content.css";
import "./organisations.css";
import { Button, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate, useSearchParams } from "react-router";
import type { OrganisationDetail } from "@/api/types";
import { useSession } from "@/app/session";
import { DateField } from "@/ui/date-field";
import { PageHeader } from "@/ui/page-header";
import { Section } from "@/ui/section";
import { ImportDrawer } from "./import-organisations";
import { OrganisationDrawer } from "./organisation-form";
import { Branch } from "./organisation-tree";
import { OrganisationView } from "./organisation-view";
import { ReorganiseDrawer } from "./reorganise";

type Doing = { what: "add" | "edit" | "reorganise"; organisation?: OrganisationDetail } | { what: "import" };

export function Page() {
  const { t } = useTranslation("administration");
  const { t: common } = useTranslation();
  const { has } = useSession();
  const navigate = useNavigate();
  const [query, setQuery] = useSearchParams();
  const [at, setAt] = useState<string>();
  const [q, setQ] = useState("");
  const [doing, setDoing] = useState<Doing>();
  const chosen = query.get("id") ?? undefined;
  const mayChange = has("administrator");
  const choose = (id: string) => setQuery({ id });
  const close = () => setDoing(undefined);

  return (
    <>
      <PageHeader
        title={t("organisations.title")}
        lead={t("organisations.lead")}
        crumbs={[{ text: common("work.administration") }]}
        actions={
          <>
            <Button onClick={() => void navigate("/quan-tri/co-quan/sap-xep")}>{t("organisations.changes")}</Button>
            {mayChange && (
              <>
                <Button onClick={() => setDoing({ what: "import" })}>{t("organisations.import")}</Button>
                <Button onClick={() => setDoing({ what: "reorganise" })}>{t("organisations.operation")}</Button>
                <Button type="primary" onClick={() => setDoing({ what: "add" })}>
                  {t("organisations.add")}
                </Button>
              </>
            )}
          </>
        }
      />
      <div className="g-two">
        <Section title={t("organisations.tree")}>
          <div className="k-filter">
            <div>
              <label htmlFor="organisation-at">{t("organisations.at")}</label>
              <DateField id="organisation-at" value={at} onChange={setAt} />
            </div>
            <div>
              <label htmlFor="organisation-search">{t("organisations.search")}</label>
              <Input.Search id="organisation-search" allowClear maxLength={200} onSearch={(value) => setQ(value.trim())} />
            </div>
          </div>
          <div className="g-tree">
            <Branch key={`${q}/${at}`} query={q ? { q } : { parent: "root" }} at={at} chosen={chosen} onChoose={(organisation) => choose(organisation.id)} />
          </div>
        </Section>
        <div>
          {chosen ? (
            <OrganisationView
              key={chosen}
              id={chosen}
              at={at}
              mayChange={mayChange}
              onChoose={choose}
              onEdit={(organisation) => setDoing({ what: "edit", organisation })}
              onAddBelow={(organisation) => setDoing({ what: "add", organisation })}
              onReorganise={(organisation) => setDoing({ what: "reorganise", organisation })}
            />
          ) : (
            <Section>
              <p className="k-muted">{t("organisations.choose")}</p>
            </Section>
          )}
        </div>
      </div>
      {doing?.what === "import" && <ImportDrawer onClose={close} />}
      {doing?.what === "reorganise" && <ReorganiseDrawer first={doing.organisation} onClose={close} />}
      {(doing?.what === "add" || doing?.what === "edit") && (
        <OrganisationDrawer
          organisation={doing.what === "edit" ? doing.organisation : undefined}
          parent={doing.what === "add" ? doing.organisation : undefined}
          onClose={close}
          onSaved={(organisation) => {
            close();
            choose(organisation.id);
          }}
        />
      )}
    </>
  );
}
